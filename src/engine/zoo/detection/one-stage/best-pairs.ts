import type { Graph } from '../../../graph/graph.js';
import type { Value } from '../../../graph/node.js';
import { add, div, gatherElements, mul, reduceMax, reshape, sub, topK } from '../../../graph/ops.js';
import { elementCount, staticShape } from '../../../graph/tensor.js';
import { rowsAt } from '../../../nn/rows.js';

export interface BestPairs {
  /** `[N, kept]`, best first */
  readonly ranks: Value;
  /** Index of each pair's anchor in its map, by row, column, shape: int64 `[N, kept]`. */
  readonly anchors: Value;
  /** Class of each pair: int64 `[N, kept]`. */
  readonly labels: Value;
}

/**
 * The best (anchor, class) pairs of one map, at most `limit`.
 *
 * @param ranks what orders the pairs, `[N, shapes, classes, positions]`
 */
export function bestPairs(g: Graph, ranks: Value, limit: number): BestPairs {
  const [, shapes = 0, classes = 0, positions = 0] = staticShape('the ranks', ranks.shape);
  const [best, places] = bestOf(g, ranks, limit);
  const number = (value: number): Value => g.int64([value], []);
  const quotient = (value: Value, divisor: number): Value => div(g, value, number(divisor));
  const remainder = (value: Value, divisor: number): Value =>
    sub(g, value, mul(g, quotient(value, divisor), number(divisor)));
  const byShape = quotient(places, positions);
  const shape = quotient(byShape, classes);
  return {
    ranks: best,
    anchors: add(g, mul(g, remainder(places, positions), number(shapes)), shape),
    labels: remainder(byShape, classes),
  };
}

/**
 * The `limit` largest numbers of each image and their places, exactly, without a search through millions: the numbers lie
 * in stretches, and those that hold one of the largest are among the `limit` stretches with the largest maxima.
 */
function bestOf(g: Graph, values: Value, limit: number): readonly [values: Value, places: Value] {
  const [images = 0, ...sizes] = staticShape('the values', values.shape);
  const count = elementCount(sizes);
  const stretch = stretchOf(count, limit);
  const stretches = count / stretch;
  if (stretches <= limit) return topK(g, reshape(g, values, [images, count]), Math.min(limit, count), 1);
  const byStretch = reshape(g, values, [images, stretches, stretch]);
  const [, chosen] = topK(g, reduceMax(g, byStretch, [2]), limit, 1);
  const [best, places] = topK(g, reshape(g, rowsAt(g, byStretch, chosen), [images, limit * stretch]), limit, 1);
  const length = g.int64([stretch], []);
  const order = div(g, places, length);
  const within = sub(g, places, mul(g, order, length));
  return [best, add(g, mul(g, gatherElements(g, chosen, order, 1), length), within)];
}

/** A divisor of `count` near the length at which there are as many stretches as numbers in those that are chosen. */
function stretchOf(count: number, limit: number): number {
  let stretch = Math.max(1, Math.floor(Math.sqrt(count / limit)));
  while (count % stretch !== 0) stretch--;
  return stretch;
}
