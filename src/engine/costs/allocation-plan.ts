import type { GraphNode, Value } from '../graph/node.js';
import { sameShape } from '../graph/tensor.js';
import { replaceableOperands } from './in-place.js';
import type { NumberedNodes } from './numbered-nodes.js';
import { flagsOf } from './numbered-nodes.js';

/** What a node takes from memory when it begins, and gives back when it is through; tensors by their numbers. */
export interface PlannedNode {
  readonly node: GraphNode;
  /** Results that get memory of their own. */
  readonly allocated: readonly number[];
  /** Tensors whose memory nothing needs any more. */
  readonly freed: readonly number[];
}

/**
 * Which tensors get memory of their own, and until when, in the way of onnxruntime's planner: a reshaped tensor lies where
 * it lay; a kernel writes in place where it can; and where `reuse` is set, a result is put into the memory of a tensor of
 * the very shape that is needed no more, the latest first, which then is not given back in between.
 *
 * @param order in which the nodes run, by their places
 * @param kept memory that is not planned: what a run is given and what it gives out
 */
export function allocationPlan(
  numbered: NumberedNodes,
  order: readonly number[],
  kept: ReadonlySet<Value>,
  reuse: boolean,
): readonly PlannedNode[] {
  const isKept = flagsOf(numbered, kept);
  const owners = ownersOf(numbered, order, isKept, reuse);
  const isDone = isKept.slice();
  const plan: PlannedNode[] = [];
  for (let index = order.length - 1; index >= 0; index--) {
    const place = order[index] ?? 0;
    const node = numbered.nodes[place];
    if (!node) throw new RangeError(`there is no node ${place} to be planned`);
    const allocated: number[] = [];
    const freed: number[] = [];
    const free = (value: number): void => {
      const held = owners[value] ?? value;
      if (isDone[held] === 1) return;
      isDone[held] = 1;
      freed.push(held);
    };
    for (const value of numbered.operands[place] ?? []) free(value);
    for (const value of numbered.results[place] ?? []) {
      free(value);
      if (isKept[value] === 0 && owners[value] === value) allocated.push(value);
    }
    plan.push({ node, allocated, freed });
  }
  return plan.reverse();
}

const NONE: readonly number[] = [];

/** By the number of each tensor that of the one in whose memory it lies: its own where it has its own. */
function ownersOf(numbered: NumberedNodes, order: readonly number[], isKept: Uint8Array, reuse: boolean): Int32Array {
  const { nodes, values, numbers } = numbered;
  const owners = Int32Array.from(values, (_, value) => value);
  const uses = new Int32Array(values.length);
  for (const operands of numbered.operands) for (const value of operands) uses[value] = (uses[value] ?? 0) + 1;
  /** Reads that are to come of what lies in a tensor's memory. */
  const reads = uses.slice();
  const ownerOf = (value: number): number => owners[value] ?? value;
  const lay = (result: number, place: number): void => {
    owners[result] = place;
    reads[place] = (reads[place] ?? 0) + (uses[result] ?? 0);
  };
  const free: number[] = [];
  const takeDead = (result: number): number | undefined => {
    if (!reuse || uses[result] === 0) return undefined;
    const index = free.findIndex((place) => isAlike(values[place], values[result]));
    return index < 0 ? undefined : free.splice(index, 1)[0];
  };
  const placeOf = (node: GraphNode, index: number, result: number): number | undefined => {
    for (const operand of replaceableOperands(node, index)) {
      const owner = ownerOf(numbers.get(operand) ?? -1);
      if (isKept[owner] === 0 && reads[owner] === 1) return owner;
    }
    return takeDead(result);
  };
  for (const position of order) {
    const node = nodes[position];
    const operands = numbered.operands[position] ?? NONE;
    const results = numbered.results[position] ?? NONE;
    const first = operands[0];
    for (let index = 0; node && index < results.length; index++) {
      const result = results[index] ?? 0;
      if (isKept[result] === 1) continue;
      const isReshaped = node.operator === 'Reshape' && first !== undefined;
      const place = isReshaped ? ownerOf(first) : placeOf(node, index, result);
      if (place !== undefined) lay(result, place);
    }
    for (const value of operands) reads[ownerOf(value)] = (reads[ownerOf(value)] ?? 0) - 1;
    if (!reuse) continue;
    for (const place of new Set([...operands, ...results].map(ownerOf))) {
      if ((reads[place] ?? 0) <= 0 && isKept[place] === 0) free.unshift(place);
    }
  }
  return owners;
}

function isAlike(a: Value | undefined, b: Value | undefined): boolean {
  return a !== undefined && a.dataType === b?.dataType && a.shape.length > 0 && sameShape(a.shape, b.shape);
}
