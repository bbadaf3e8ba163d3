import type { Graph } from '../graph/graph.js';
import type { Value } from '../graph/node.js';
import { add, div, mul, reduceSum, reshape, sqrt } from '../graph/ops.js';
import { staticShape } from '../graph/tensor.js';

/** Square of the length below which torch's `normalize` divides by 1e-12 instead. */
const SMALLEST_SQUARE = 1e-24;

/**
 * x / |x|, |x| the Euclidean length over the channels of `[N, C, H, W]`: torch's `normalize`. The bound is added to the
 * square: it keeps 0 from the divisor, without a corner, and is lost in the rounding of any length that is not tiny.
 */
export function l2Normalize(g: Graph, x: Value): Value {
  const shape = staticShape(x.name, x.shape);
  const [images = 0, channels = 0] = shape;
  // With the positions as one axis the runtime sums and broadcasts matrices.
  const rows = reshape(g, x, [images, channels, -1]);
  const squares = reduceSum(g, mul(g, rows, rows), [1], true);
  return reshape(g, div(g, rows, sqrt(g, add(g, squares, g.scalar(SMALLEST_SQUARE)))), shape);
}
