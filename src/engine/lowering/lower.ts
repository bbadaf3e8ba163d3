import { Graph } from '../graph/graph.js';
import type { GraphNode, Value } from '../graph/node.js';
import { neededFor, pruneNodes } from '../graph/prune.js';
import { activationLowerings } from './activations.js';
import { convLowerings } from './convolutions.js';
import { crossEntropyLowerings } from './cross-entropy.js';
import { interpolationLowerings } from './interpolation.js';
import { focalLossLowerings } from './focal-loss.js';
import { groupNormalizationLowerings } from './group-normalization.js';
import type { LoweredOperatorName, LoweringRule, LoweringRules } from './lowering-rule.js';
import type { LoweringOptions } from './lowering-state.js';
import { LoweringState } from './lowering-state.js';
import { normalizationLowerings } from './normalization.js';
import { poolingLowerings } from './pooling.js';
import { roiAlignLowerings } from './roi-align.js';
import { sumLowerings } from './sums.js';

const LOWERING_RULES: LoweringRules<LoweredOperatorName> = {
  ...activationLowerings,
  ...convLowerings,
  ...crossEntropyLowerings,
  ...interpolationLowerings,
  ...focalLossLowerings,
  ...groupNormalizationLowerings,
  ...normalizationLowerings,
  ...poolingLowerings,
  ...roiAlignLowerings,
  ...sumLowerings,
};

export interface LoweredGraph {
  readonly graph: Graph;
  /** The value in the lowered graph that stands for one of the original's. */
  readonly valueOf: (original: Value) => Value;
  /** The original's node that each of the lowered graph's serves first, by the name of the latter. */
  readonly origins: ReadonlyMap<string, GraphNode>;
}

/**
 * The same computation in operators of the runtime alone, without the nodes and inputs that none of `outputs` needs.
 * Phases and modules of nodes stay what they were.
 */
export function lower(source: Graph, outputs: readonly Value[], options: LoweringOptions): LoweredGraph {
  const graph = new Graph();
  const state = new LoweringState(graph, options);
  const lowered = new Map<Value, Value>();
  const valueOf = (original: Value): Value => {
    const known = lowered.get(original);
    if (known) return known;
    const constant = source.constants.get(original);
    if (!constant) throw new ReferenceError(`"${original.name}" is not a value of the lowered graph`);
    const value = graph.constant(constant.dataType, constant.shape, constant.data);
    lowered.set(original, value);
    return value;
  };
  const needed = neededFor(source, outputs);
  for (const input of source.inputs) {
    if (needed.values.has(input)) lowered.set(input, graph.input(input.name, input.dataType, input.shape));
  }
  const origins = new Map<string, GraphNode>();
  for (const node of source.nodes) {
    if (!needed.nodes.has(node)) continue;
    const begin = graph.nodes.length;
    const results = graph.during(node.phase, node.scope, () => lowerNode(graph, node, state, valueOf));
    node.outputs.forEach((output, index) => {
      const result = results[index];
      if (!result) throw new RangeError(`lowering ${node.operator} gave no output ${index}`);
      lowered.set(output, result);
    });
    for (const { name } of graph.nodes.slice(begin)) origins.set(name, node);
  }
  // Some turn out not to be needed, such as products whose factors were used instead.
  pruneNodes(
    graph,
    outputs.map((output) => valueOf(output)),
  );
  return { graph, valueOf, origins };
}

export interface LoweredModel extends Pick<LoweredGraph, 'graph' | 'origins'> {
  readonly outputs: ReadonlyMap<string, Value>;
}

/** Lowers a graph of which `outputs` are wanted, by the names that they are to have. */
export function lowerNamed(source: Graph, outputs: ReadonlyMap<string, Value>, options: LoweringOptions): LoweredModel {
  const { graph, valueOf, origins } = lower(source, [...outputs.values()], options);
  return { graph, origins, outputs: new Map([...outputs].map(([name, value]) => [name, valueOf(value)])) };
}

function isLowered(node: GraphNode): node is GraphNode<LoweredOperatorName> {
  return node.operator in LOWERING_RULES;
}

function lowerNode(
  g: Graph,
  node: GraphNode,
  state: LoweringState,
  valueOf: (original: Value) => Value,
): readonly Value[] {
  const inputs = node.inputs.map((input) => input && valueOf(input));
  return isLowered(node) ? applyRule(g, node, state, inputs) : g.ops(node.operator, inputs, node.attributes);
}

function applyRule<K extends LoweredOperatorName>(
  g: Graph,
  node: GraphNode<K>,
  state: LoweringState,
  inputs: readonly (Value | null)[],
): readonly Value[] {
  const rule: LoweringRule<K> = LOWERING_RULES[node.operator];
  const optionalInput = (index: number): Value | null => inputs[index] ?? null;
  const input = (index: number): Value => {
    const value = optionalInput(index);
    if (!value) throw new ReferenceError(`${node.operator} "${node.name}" has no operand ${index}`);
    return value;
  };
  return rule({ g, attributes: node.attributes, state, input, optionalInput });
}
