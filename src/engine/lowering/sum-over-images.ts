import type { Graph } from '../graph/graph.js';
import type { Value } from '../graph/node.js';
import { reduceSum, reshape } from '../graph/ops.js';
import { at, staticShape } from '../graph/tensor.js';

/** The sum over the first axis, in `shape`. Of a single image it is the image's own, which a sum would copy. */
export function sumOverImages(g: Graph, products: Value, shape: readonly number[]): Value {
  const images = at(staticShape('the products', products.shape), 0);
  return reshape(g, images === 1 ? products : reduceSum(g, products, [0]), shape);
}
