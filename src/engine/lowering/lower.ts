import { Graph } from '../graph/graph.js';
import type { GraphNode, Value } from '../graph/node.js';
import type { CompositeOperatorName, OperatorName, RuntimeOperatorName } from '../graph/operators.js';
import { convGradientLowerings } from './conv-gradients.js';
import type { LoweringRule, LoweringRules } from './lowering-rule.js';
import { activationLowerings } from './activations.js';
import { normalizationLowerings } from './normalization.js';

const LOWERING_RULES: LoweringRules<CompositeOperatorName> = {
  ...activationLowerings,
  ...convGradientLowerings,
  ...normalizationLowerings,
};

export interface LoweredGraph {
  readonly graph: Graph;
  /** The value in the lowered graph that stands for one of the original's. */
  valueOf(original: Value): Value;
}

/**
 * The same computation in operators of the runtime alone, without the nodes and inputs that none of `outputs` needs.
 * Phases and modules of nodes stay what they were.
 */
export function lower(source: Graph, outputs: readonly Value[]): LoweredGraph {
  const graph = new Graph();
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
  for (const node of source.nodes) {
    if (!needed.nodes.has(node)) continue;
    const results = graph.during(node.phase, node.scope, () => lowerNode(graph, node, valueOf));
    node.outputs.forEach((output, index) => {
      const result = results[index];
      if (!result) throw new RangeError(`lowering ${node.operator} gave no output ${index}`);
      lowered.set(output, result);
    });
  }
  return { graph, valueOf };
}

function neededFor(
  source: Graph,
  outputs: readonly Value[],
): { readonly nodes: ReadonlySet<GraphNode>; readonly values: ReadonlySet<Value> } {
  const values = new Set<Value>(outputs);
  const nodes = new Set<GraphNode>();
  for (const node of [...source.nodes].reverse()) {
    if (!node.outputs.some((output) => values.has(output))) continue;
    nodes.add(node);
    for (const input of node.inputs) if (input) values.add(input);
  }
  return { nodes, values };
}

function isComposite(operator: OperatorName): operator is CompositeOperatorName {
  return operator in LOWERING_RULES;
}

function lowerNode(g: Graph, node: GraphNode, valueOf: (original: Value) => Value): readonly Value[] {
  const inputs = node.inputs.map((input) => input && valueOf(input));
  return isComposite(node.operator)
    ? lowerComposite(g, node as GraphNode<CompositeOperatorName>, inputs)
    : g.ops(node.operator as RuntimeOperatorName, inputs, node.attributes);
}

function lowerComposite<K extends CompositeOperatorName>(
  g: Graph,
  node: GraphNode<K>,
  inputs: readonly (Value | null)[],
): readonly Value[] {
  const rule: LoweringRule<K> = LOWERING_RULES[node.operator];
  const input = (index: number): Value => {
    const value = inputs[index];
    if (!value) throw new ReferenceError(`${node.operator} "${node.name}" has no operand ${index}`);
    return value;
  };
  return rule({ g, attributes: node.attributes, input });
}
