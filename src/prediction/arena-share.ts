import type { MemoryBasis } from '../engine/training/memory-basis.js';
import shares from './arena-shares.json';

/** What the runtime's arena comes to, told from what is live in a graph before lowering. */
export interface ArenaShare {
  /** Of the lowered graph. */
  readonly nodes: number;
  /** MiB of `temporaryBytes` and of the arena, both rising. */
  readonly curve: readonly (readonly number[])[];
}

/** An architecture that is not of the catalogue; there, the arena is 1 to 2 times what is live. */
const ANY_CURVE = [[100, 130]] as const;
const LOWERED_NODES = { training: 3, inference: 1.1 } as const;
const MEBIBYTE = 2 ** 20;

/**
 * Simulations of the arena (engine/costs/simulated-arena.ts) over a few workloads of each architecture, written by
 * `npm run arena`: to lower a graph and to simulate its arena takes a tenth of a second, and is not monotone.
 */
const SHARES: ReadonlyMap<string, ArenaShare> = new Map(Object.entries(shares));

/** What lives between nodes, and what these need for their own work. */
export function temporaryBytes({ live }: MemoryBasis): number {
  return live.activationBytes + live.gradientBytes + live.workspaceBytes;
}

/** Nodes of the lowered graph, whatever the batch and the size. */
export function loweredNodes(architecture: string, basis: MemoryBasis): number {
  return SHARES.get(`${architecture} ${basis.use}`)?.nodes ?? LOWERED_NODES[basis.use] * basis.nodes;
}

/** What of the arena is ever written to; no less for a workload of which more is live. */
export function arenaBytes(architecture: string, basis: MemoryBasis): number {
  const curve = SHARES.get(`${architecture} ${basis.use}`)?.curve ?? ANY_CURVE;
  return MEBIBYTE * heightAt(curve, temporaryBytes(basis) / MEBIBYTE);
}

/** Between the points of a curve on straight lines, outside of them in proportion to the nearest. */
function heightAt(curve: readonly (readonly number[])[], x: number): number {
  const behind = curve.findIndex(([at = 0]) => at >= x);
  const [x1 = 1, y1 = 0] = curve[behind] ?? curve.at(-1) ?? [];
  const [x0 = 0, y0 = 0] = curve[behind - 1] ?? [];
  if (behind <= 0) return (y1 * x) / x1;
  return y0 + ((y1 - y0) * (x - x0)) / (x1 - x0);
}
