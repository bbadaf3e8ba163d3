import type { Graph } from '../graph/graph.js';
import { interpolationMatrix } from '../graph/interpolation.js';
import type { Value } from '../graph/node.js';
import { expand, matMul, reduceSum } from '../graph/ops.js';
import { at, staticShape } from '../graph/tensor.js';
import type { LoweringRules } from './lowering-rule.js';

type Size = readonly [number, number];

function sizeOf({ name, shape }: Value): Size {
  const sizes = staticShape(name, shape);
  return [at(sizes, 2), at(sizes, 3)];
}

const isPoint = ([height, width]: Size): boolean => height === 1 && width === 1;

/** The weights that take an axis from `given` to `size`: `[size, given]`. */
function axisWeights(g: Graph, given: number, size: number): Value {
  return g.constant('float32', [size, given], interpolationMatrix(given, size));
}

function product(g: Graph, a: Value, b: Value, transposed: { readonly a: boolean; readonly b: boolean }): Value {
  return g.op('FusedMatMul', [a, b], { transA: transposed.a ? 1 : 0, transB: transposed.b ? 1 : 0, alpha: 1 });
}

/**
 * Products with a matrix of weights for each axis, nearly all of them 0: five times as fast as gathering neighbours
 * (bench/README.md), and exact to the last bit of the weights, which the runtime's own Resize is not.
 */
export const interpolationLowerings: LoweringRules<'InterpolateBilinear' | 'InterpolateBilinearGradient'> = {
  // Rows * x * columns^T. The rows first: the larger product then has a single matrix on its right.
  InterpolateBilinear: ({ g, input, attributes: { outputSize } }) => {
    const x = input(0);
    const [height, width] = sizeOf(x);
    if (isPoint([height, width])) return [expand(g, x, [1, 1, ...outputSize])];
    const tall = height === outputSize[0] ? x : matMul(g, axisWeights(g, height, outputSize[0]), x);
    if (width === outputSize[1]) return [tall];
    return [product(g, tall, axisWeights(g, width, outputSize[1]), { a: false, b: true })];
  },
  // Rows^T * dy * columns. The columns first: what is left is small.
  InterpolateBilinearGradient: ({ g, input, attributes: { inputSize } }) => {
    const dy = input(0);
    const [height, width] = sizeOf(dy);
    if (isPoint(inputSize)) return [reduceSum(g, dy, [2, 3], true)];
    const narrow = width === inputSize[1] ? dy : matMul(g, dy, axisWeights(g, inputSize[1], width));
    if (height === inputSize[0]) return [narrow];
    return [product(g, axisWeights(g, inputSize[0], height), narrow, { a: true, b: false })];
  },
};
