import type { Graph } from '../graph/graph.js';
import type { PlannedNode } from './allocation-plan.js';
import { allocationPlan } from './allocation-plan.js';
import type { Allocation } from './arena.js';
import { Arena } from './arena.js';
import { executionOrder } from './execution-order.js';
import { kernelWorkspaceBytes } from './kernel-workspace.js';
import type { MemoryRoles } from './live-memory.js';
import { nodesOfRun } from './live-memory.js';
import { numberedNodes } from './numbered-nodes.js';
import { tensorBytes } from './tensor-bytes.js';

/** Memory of the runtime's arena after some runs of a model. */
export interface ArenaMemory {
  /** Most that was handed out at the end of a node. */
  readonly mostBytesInUse: number;
  /** Taken from the system. */
  readonly heldBytes: number;
  /** Of that, ever written to, and so part of the resident set. */
  readonly touchedBytes: number;
}

/** Runs after which the arena is taken to have come to its size. */
const MOST_RUNS = 5;

/**
 * What onnxruntime's arena comes to when a lowered graph is run again and again: node
 * by node as the sequential executor does it, without planned memory patterns. Of training
 * steps, which it does not rewrite, bytes in use were the same, node for node, as in traces.
 */
export function simulatedArena(graph: Graph, roles: MemoryRoles, threads: number): ArenaMemory {
  const { nodes, kept } = nodesOfRun(graph, roles);
  const numbered = numberedNodes(nodes);
  const plan = allocationPlan(numbered, executionOrder(numbered), kept, true);
  const sizes = numbered.values.map(tensorBytes(graph));
  const arena = new Arena();
  let mostBytesInUse = 0;
  for (let count = 0, before = -1; count < MOST_RUNS && arena.touchedBytes > before; count++) {
    before = arena.touchedBytes;
    mostBytesInUse = Math.max(mostBytesInUse, runOnce(arena, plan, sizes, threads));
  }
  return { mostBytesInUse, heldBytes: arena.bytesHeld, touchedBytes: arena.touchedBytes };
}

/** @returns most bytes in use at the end of a node */
function runOnce(arena: Arena, plan: readonly PlannedNode[], sizes: readonly number[], threads: number): number {
  const allocations = new Map<number, Allocation>();
  let most = 0;
  for (const { node, allocated, freed } of plan) {
    for (const value of allocated) {
      const bytes = sizes[value] ?? 0;
      if (bytes > 0) allocations.set(value, arena.allocate(bytes));
    }
    const workspace = kernelWorkspaceBytes(node, threads);
    if (workspace > 0) arena.free(arena.allocate(workspace));
    most = Math.max(most, arena.bytesInUse);
    for (const value of freed) {
      const allocation = allocations.get(value);
      if (allocation) arena.free(allocation);
    }
  }
  return most;
}
