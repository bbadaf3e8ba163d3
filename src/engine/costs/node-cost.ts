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
  let shapes: ReadonlySet<string> | null = null;
  const parameters = {
    has: (value: Value) => inputs.has(value),
    hasLike: ({ shape }: Value) => {
      shapes ??= new Set(Array.from(inputs, (input) => input.shape.join()));
      return isStatic(shape) && shapes.has(shape.join());
    },
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

/** What decides how a node is computed, whatever it is given to do. */
type NodeKind = Readonly<Record<'phase' | 'operator' | 'producer', string>> & Pick<NodeCost, 'form'>;

/** Equal kinds are equal texts. */
export function kindKey({ phase, operator, producer, form }: NodeKind): string {
  return `${phase} ${operator} ${producer} ${form.join()}`;
}

/** Equal costs are equal texts. */
export function costKey(cost: NodeCost): string {
  const { multiplyAccumulates, bytes, weightBytes, decidedByRun } = cost;
  return [kindKey(cost), multiplyAccumulates, bytes, weightBytes, decidedByRun].join(' ');
}

/** Equal costs together, in the order of their first. */
export function countedCosts(costs: Iterable<NodeCost>): readonly CountedCost[] {
  const counted: (NodeCost & { count: number })[] = [];
  const byKind = new Map<string, typeof counted>();
  for (const cost of costs) {
    const key = kindKey(cost);
    const ofKind = byKind.get(key);
    const known = ofKind && equalIn(ofKind, cost);
    if (known) {
      known.count += 1;
      continue;
    }
    const first = { ...cost, count: 1 };
    if (ofKind) ofKind.push(first);
    else byKind.set(key, [first]);
    counted.push(first);
  }
  return counted;
}

/** Of one kind there are few costs: their numbers are compared sooner than written into texts. */
function equalIn<Cost extends NodeCost>(ofKind: readonly Cost[], cost: NodeCost): Cost | undefined {
  for (const other of ofKind) if (isAsMuch(other, cost)) return other;
  return undefined;
}

function isAsMuch(one: NodeCost, other: NodeCost): boolean {
  return (
    one.multiplyAccumulates === other.multiplyAccumulates &&
    one.bytes === other.bytes &&
    one.weightBytes === other.weightBytes &&
    one.decidedByRun === other.decidedByRun
  );
}
