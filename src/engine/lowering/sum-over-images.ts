import type { Graph } from '../graph/graph.js';
import type { Value } from '../graph/node.js';
import { matMul, reshape } from '../graph/ops.js';
import { at, staticShape } from '../graph/tensor.js';

/** The sum over the first axis, in `shape`. Of a single image it is the image's own, which a sum would copy. */
export function sumOverImages(g: Graph, products: Value, shape: readonly number[]): Value {
  const images = at(staticShape('the products', products.shape), 0);
  if (images === 1) return reshape(g, products, shape);
  // A product with ones takes a fifth of the time of the runtime's sum, which has one thread.
  const ones = g.float32(Array<number>(images).fill(1), [1, images]);
  return reshape(g, matMul(g, ones, reshape(g, products, [images, -1])), shape);
}
