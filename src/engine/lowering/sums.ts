import type { Graph } from '../graph/graph.js';
import type { Value } from '../graph/node.js';
import { reduceSum, reshape } from '../graph/ops.js';
import { elementCount } from '../graph/tensor.js';
import type { LoweringRules } from './lowering-rule.js';

/** Neighbours from which on their sum is one of sums: the runtime adds float32 one by one, each time rounding the whole. */
const MANY_TERMS = 1024;
/** Longest stretch of neighbours to be added one by one. */
const STRETCH = 256;

function largestDivisor(count: number, limit: number): number {
  let divisor = limit;
  while (count % divisor > 0) divisor--;
  return divisor;
}

/**
 * The sum over axes without a negative one, where many neighbours in memory are to be added as sums of stretches and
 * their sum: a tenth of the error in the same time (bench/README.md).
 */
export function preciseSum(g: Graph, x: Value, axes: readonly number[], keepdims = false): Value {
  const shape = x.shape.flatMap((dim) => (typeof dim === 'number' ? [dim] : []));
  let kept = shape.length;
  while (axes.includes(kept - 1)) kept--;
  const terms = elementCount(shape.slice(kept));
  const plain = x.dataType !== 'float32' || shape.length < x.shape.length || terms < MANY_TERMS;
  const stretch = plain ? 1 : largestDivisor(terms, STRETCH);
  if (stretch === 1) return reduceSum(g, x, axes, keepdims);
  const stretches = reduceSum(g, reshape(g, x, [...shape.slice(0, kept), terms / stretch, stretch]), [kept + 1]);
  const sum = preciseSum(g, stretches, [...axes.filter((axis) => axis < kept), kept]);
  return keepdims
    ? reshape(
        g,
        sum,
        shape.map((size, axis) => (axes.includes(axis) ? 1 : size)),
      )
    : sum;
}

export const sumLowerings: LoweringRules<'ReduceSum'> = {
  ReduceSum: ({ g, input, attributes: { keepdims } }) => {
    const [x, axes] = [input(0), input(1)];
    const constant = g.constants.get(axes);
    if (!constant) return [g.op('ReduceSum', [x, axes], { keepdims })];
    const numbers = Array.from(constant.data, Number).map((axis) => (axis < 0 ? axis + x.shape.length : axis));
    return [preciseSum(g, x, numbers, keepdims === 1)];
  },
};
