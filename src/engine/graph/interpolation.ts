import type { Graph } from './graph.js';
import type { Value } from './node.js';
import { abs, relu, sub } from './ops.js';

/**
 * The weight of each of `size` pixels, along one axis, in a linear interpolation at `places`: 1 - distance, or 0 from a
 * distance of 1 on. Two neighbours share the 1 between them; beyond the ends lie zeros.
 *
 * @param places in pixels: float32 `[..., 1]`
 * @returns `[..., size]`
 */
export function linearWeights(g: Graph, places: Value, size: number): Value {
  const pixels = g.float32(Array.from({ length: size }, (_, pixel) => pixel));
  return relu(g, sub(g, g.scalar(1), abs(g, sub(g, pixels, places))));
}
