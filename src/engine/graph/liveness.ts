import type { Graph } from './graph.js';
import type { GraphNode, Value } from './node.js';
import { bytesPerElement, elementCount, isStatic } from './tensor.js';

/**
 * The most memory that tensors between a graph's inputs and `outputs` occupy at once while the nodes run in their order:
 * each from the node that makes it to the last that reads it. What a node needs besides, for its own work, is not
 * counted.
 *
 * A tensor whose size only the run decides counts as nothing: lists of selected boxes, a few numbers each, but also the
 * features of regions sorted by pyramid level, which are not small.
 */
export function peakTemporaryBytes(graph: Graph, outputs: readonly Value[]): number {
  const storage = storageOf(graph.nodes);
  const given = new Set([...graph.inputs, ...graph.constants.keys(), ...outputs.map(storage)]);
  const freedAfter = lastReads(graph, given, storage);
  let live = 0;
  let peak = 0;
  for (const node of graph.nodes) {
    live += sumBytes(node.outputs.filter((output) => storage(output) === output && !given.has(output)));
    peak = Math.max(peak, live);
    live -= sumBytes(freedAfter.get(node) ?? []);
  }
  return peak;
}

/** The value in whose memory another lies: the reshaped one's for a Reshape, else its own. */
function storageOf(nodes: readonly GraphNode[]): (value: Value) => Value {
  const storage = new Map<Value, Value>();
  const find = (value: Value): Value => storage.get(value) ?? value;
  for (const { operator, inputs, outputs } of nodes) {
    const [reshaped] = inputs;
    if (operator === 'Reshape' && reshaped) for (const output of outputs) storage.set(output, find(reshaped));
  }
  return find;
}

/** For each node the tensors, but those given, that no later one reads, itself the last. */
function lastReads(
  graph: Graph,
  given: ReadonlySet<Value>,
  storage: (value: Value) => Value,
): ReadonlyMap<GraphNode, readonly Value[]> {
  const kept = new Set(given);
  const freed = new Map<GraphNode, readonly Value[]>();
  for (const node of [...graph.nodes].reverse()) {
    const touched = [...node.inputs.filter((input) => input !== null), ...node.outputs].map(storage);
    const last = [...new Set(touched)].filter((value) => !kept.has(value));
    for (const value of last) kept.add(value);
    freed.set(node, last);
  }
  return freed;
}

/** Values whose size only the run decides count as nothing. */
export function sumBytes(values: readonly Value[]): number {
  return values.reduce(
    (sum, { dataType, shape }) => sum + (isStatic(shape) ? elementCount(shape) * bytesPerElement(dataType) : 0),
    0,
  );
}
