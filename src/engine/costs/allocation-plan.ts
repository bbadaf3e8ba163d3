import type { GraphNode, Value } from '../graph/node.js';
import { sameShape } from '../graph/tensor.js';
import { replaceableOperands } from './in-place.js';

/** What a node takes from memory when it begins, and gives back when it is through. */
export interface PlannedNode {
  readonly node: GraphNode;
  /** Results that get memory of their own. */
  readonly allocated: readonly Value[];
  /** Tensors whose memory nothing needs any more. */
  readonly freed: readonly Value[];
}

/**
 * Which tensors get memory of their own, and until when, in the way of onnxruntime's planner: a reshaped tensor lies where
 * it lay; a kernel writes in place where it can; and where `reuse` is set, a result is put into the memory of a tensor of
 * the very shape that is needed no more, the latest first, which then is not given back in between.
 *
 * @param order in which the nodes run
 * @param kept memory that is not planned: what a run is given and what it gives out
 */
export function allocationPlan(
  order: readonly GraphNode[],
  kept: ReadonlySet<Value>,
  reuse: boolean,
): readonly PlannedNode[] {
  const owner = ownersOf(order, kept, reuse);
  const freed = new Map<GraphNode, Value[]>();
  const done = new Set<Value>(kept);
  for (const node of [...order].reverse()) {
    const last: Value[] = [];
    for (const value of [...node.inputs, ...node.outputs]) {
      const held = value && owner(value);
      if (!held || done.has(held)) continue;
      done.add(held);
      last.push(held);
    }
    freed.set(node, last);
  }
  return order.map((node) => ({
    node,
    allocated: node.outputs.filter((output) => !kept.has(output) && owner(output) === output),
    freed: freed.get(node) ?? [],
  }));
}

/** The tensor in whose memory another lies, itself where it has its own. */
function ownersOf(order: readonly GraphNode[], kept: ReadonlySet<Value>, reuse: boolean): (value: Value) => Value {
  const owners = new Map<Value, Value>();
  const owner = (value: Value): Value => owners.get(value) ?? value;
  const uses = new Map<Value, number>();
  for (const { inputs } of order) {
    for (const input of inputs) if (input) uses.set(input, (uses.get(input) ?? 0) + 1);
  }
  /** Reads that are to come of what lies in a tensor's memory. */
  const reads = new Map<Value, number>();
  const readsOf = (value: Value): number => reads.get(value) ?? uses.get(value) ?? 0;
  const free: Value[] = [];
  const lay = (result: Value, place: Value): void => {
    owners.set(result, place);
    reads.set(place, readsOf(place) + (uses.get(result) ?? 0));
  };
  for (const node of order) {
    node.outputs.forEach((output, index) => {
      if (kept.has(output)) return;
      const [reshaped] = node.inputs;
      if (node.operator === 'Reshape' && reshaped) {
        lay(output, owner(reshaped));
        return;
      }
      const replaced = replaceableOperands(node, index)
        .map(owner)
        .find((place) => !kept.has(place) && readsOf(place) === 1);
      const dead = replaced ? -1 : reuse && uses.has(output) ? free.findIndex((place) => isAlike(place, output)) : -1;
      const place = replaced ?? (dead < 0 ? undefined : free.splice(dead, 1)[0]);
      if (place) lay(output, place);
    });
    const touched = new Set<Value>();
    for (const input of node.inputs) {
      if (!input) continue;
      const place = owner(input);
      reads.set(place, readsOf(place) - 1);
      touched.add(place);
    }
    for (const output of node.outputs) touched.add(owner(output));
    if (!reuse) continue;
    for (const place of touched) if (readsOf(place) <= 0 && !kept.has(place)) free.unshift(place);
  }
  return owner;
}

function isAlike(a: Value, b: Value): boolean {
  return a.dataType === b.dataType && a.shape.length > 0 && sameShape(a.shape, b.shape);
}
