import type { Graph } from './graph.js';
import type { GraphNode, Phase, Value } from './node.js';
import type { OperatorName } from './operators.js';
import { at, elementCount, staticShape } from './tensor.js';

type Count<K extends OperatorName> = (node: GraphNode<K>) => number;

/** Elements of the result, or for a transposed convolution of the input, times the weights that each takes part in. */
const MULTIPLY_ACCUMULATES: { readonly [K in OperatorName]?: Count<K> } = {
  Conv: ({ inputs, outputs }) => elementCount(sizes(outputs, 0)) * elementCount(sizes(inputs, 1).slice(1)),
  // Each gradient of a convolution takes every product of its forward pass once more.
  ConvInputGradient: ({ inputs }) => elementCount(sizes(inputs, 0)) * elementCount(sizes(inputs, 1).slice(1)),
  ConvTranspose: ({ inputs }) => elementCount(sizes(inputs, 0)) * elementCount(sizes(inputs, 1).slice(1)),
  ConvWeightGradient: ({ inputs, outputs }) =>
    elementCount(sizes(inputs, 1)) * elementCount(sizes(outputs, 0).slice(1)),
  FusedMatMul: ({ inputs, outputs, attributes }) =>
    elementCount(sizes(outputs, 0)) * at(sizes(inputs, 0), attributes.transA === 1 ? -2 : -1),
  Gemm: ({ inputs, outputs, attributes }) =>
    elementCount(sizes(outputs, 0)) * at(sizes(inputs, 0), attributes.transA === 1 ? -2 : -1),
  MatMul: ({ inputs, outputs }) => elementCount(sizes(outputs, 0)) * at(sizes(inputs, 0), -1),
};

/**
 * Multiply-accumulates of convolutions and matrix products, over the whole batch, without biases; of the forward pass
 * alone they are what torchvision publishes. Products with constants resample a map, which torchvision does not count.
 *
 * @param graph before lowering
 * @throws DynamicShapeError when only the run decides how many there are
 */
export function multiplyAccumulates(graph: Graph, phases: readonly Phase[] = ['forward']): number {
  return sumOf(graph, (node) => phases.includes(node.phase));
}

/** Those of the forward pass inside any of `modules`. @throws DynamicShapeError as multiplyAccumulates */
export function moduleMultiplyAccumulates(graph: Graph, modules: readonly string[]): number {
  const inside = (scope: string): boolean => modules.some((path) => scope === path || scope.startsWith(`${path}.`));
  return sumOf(graph, ({ phase, scope }) => phase === 'forward' && inside(scope));
}

function sumOf({ nodes, constants }: Graph, counts: (node: GraphNode) => boolean): number {
  const isLayer = ({ inputs }: GraphNode): boolean => inputs.every((input) => input === null || !constants.has(input));
  return nodes
    .filter((node) => counts(node) && isLayer(node))
    .reduce((sum, node) => sum + nodeMultiplyAccumulates(node), 0);
}

/** Those of one node. @throws DynamicShapeError as multiplyAccumulates */
export function nodeMultiplyAccumulates<K extends OperatorName>(node: GraphNode<K>): number {
  const count: Count<K> | undefined = MULTIPLY_ACCUMULATES[node.operator];
  return count === undefined ? 0 : count(node);
}

function sizes(values: readonly (Value | null)[], index: number): readonly number[] {
  const value = at(values, index);
  if (value === null) throw new RangeError(`operand ${index} is missing`);
  return staticShape(value.name, value.shape);
}
