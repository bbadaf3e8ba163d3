import { nodeMultiplyAccumulates } from '../graph/costs.js';
import type { Graph } from '../graph/graph.js';
import type { GraphNode, Phase, Value } from '../graph/node.js';
import type { OperatorName } from '../graph/operators.js';
import { neededFor } from '../graph/prune.js';
import { bytesPerElement, elementCount, isStatic } from '../graph/tensor.js';
import { formOf, type Parameters } from './form.js';

/** The work of one node, told by what does not depend on the machine. */
export interface NodeCost {
  readonly phase: Phase;
  readonly operator: OperatorName;
  /** Operator that makes the first operand; empty for what a run is given. */
  readonly producer: OperatorName | '';
  /** What neither the batch nor the size of images changes: channels, kernel, strides; see {@link formOf}. */
  readonly form: readonly number[];
  readonly multiplyAccumulates: number;
  /** Of operands and results that are known before the run, without constants and weights. */
  readonly bytes: number;
  /** Of constants, and of inputs that are not given anew for each run. */
  readonly weightBytes: number;
  /** Whether only the run decides the size of an operand or a result, which `bytes` then lacks. */
  readonly decidedByRun: boolean;
}

/** A cost, and how many nodes have it. */
export interface CountedCost extends NodeCost {
  readonly count: number;
}

/**
 * The cost of each node on which one of `outputs` depends, in the graph's order.
 *
 * @param graph before lowering
 * @param given names of the inputs that each run brings: images and targets
 */
export function nodeCosts(
  graph: Graph,
  outputs: readonly Value[],
  given: ReadonlySet<string>,
): ReadonlyMap<GraphNode, NodeCost> {
  const { nodes: needed } = neededFor(graph, outputs);
  const inputs = new Set(graph.inputs.filter(({ name }) => !given.has(name)));
  const shapes = new Set(Array.from(inputs, ({ shape }) => shape.join()));
  const parameters = {
    has: (value: Value) => inputs.has(value),
    hasLike: ({ shape }: Value) => isStatic(shape) && shapes.has(shape.join()),
  };
  const isConstant = (value: Value): boolean => graph.constants.has(value);
  const makers = new Map<Value, OperatorName>();
  const costs = new Map<GraphNode, NodeCost>();
  for (const node of graph.nodes) {
    for (const output of node.outputs) makers.set(output, node.operator);
    if (needed.has(node)) costs.set(node, costOf(node, makers, parameters, isConstant));
  }
  return costs;
}

function costOf(
  node: GraphNode,
  makers: ReadonlyMap<Value, OperatorName>,
  parameters: Parameters,
  isConstant: (value: Value) => boolean,
): NodeCost {
  let [bytes, weightBytes, decidedByRun] = [0, 0, false];
  let first: Value | null = null;
  for (const operand of node.inputs) {
    if (!operand) continue;
    first ??= operand;
    const size = bytesOf(operand);
    decidedByRun ||= size === null;
    if (parameters.has(operand) || isConstant(operand)) weightBytes += size ?? 0;
    else bytes += size ?? 0;
  }
  for (const output of node.outputs) {
    const size = bytesOf(output);
    decidedByRun ||= size === null;
    bytes += size ?? 0;
  }
  return {
    phase: node.phase,
    operator: node.operator,
    producer: (first && makers.get(first)) ?? '',
    form: formOf(node, parameters),
    multiplyAccumulates: decidedByRun ? 0 : nodeMultiplyAccumulates(node),
    bytes,
    weightBytes,
    decidedByRun,
  };
}

/** Null where only the run decides them. */
function bytesOf({ dataType, shape }: Value): number | null {
  return isStatic(shape) ? elementCount(shape) * bytesPerElement(dataType) : null;
}

/** Equal costs are equal texts. */
export function costKey(cost: NodeCost): string {
  const { phase, operator, producer, form, multiplyAccumulates, bytes, weightBytes, decidedByRun } = cost;
  return [phase, operator, producer, form.join(), multiplyAccumulates, bytes, weightBytes, decidedByRun].join(' ');
}

/** Equal costs together, in the order of their first. */
export function countedCosts(costs: Iterable<NodeCost>): readonly CountedCost[] {
  const counts = new Map<string, { readonly cost: NodeCost; count: number }>();
  for (const cost of costs) {
    const key = costKey(cost);
    const known = counts.get(key);
    if (known) known.count += 1;
    else counts.set(key, { cost, count: 1 });
  }
  return Array.from(counts.values(), ({ cost, count }) => ({ ...cost, count }));
}
