import type { Graph } from './graph.js';
import type { Value } from './node.js';
import { abs, relu, sub } from './ops.js';

/** Where the pixels of an axis of another size lie in the given one: between two pixels, `share` of the way to the second. */
export interface PixelPlace {
  readonly before: number;
  readonly after: number;
  readonly share: number;
}

/**
 * Pixel centres at half positions, and no place beyond the first and last centre: torch's
 * `interpolate(mode="bilinear", align_corners=False)`. In double precision.
 */
export function pixelPlaces(given: number, size: number): readonly PixelPlace[] {
  return Array.from({ length: size }, (_, pixel) => {
    const place = Math.max(0, ((pixel + 0.5) * given) / size - 0.5);
    const before = Math.floor(place);
    return { before, after: Math.min(before + 1, given - 1), share: place - before };
  });
}

/** The interpolation of an axis as a matrix of weights, `[size, given]`. */
export function interpolationMatrix(given: number, size: number): Float32Array {
  const weights = new Float32Array(size * given);
  pixelPlaces(given, size).forEach(({ before, after, share }, pixel) => {
    // The last pixel is its own neighbour, and takes both shares.
    weights[pixel * given + before] = before === after ? 1 : 1 - share;
    if (after !== before) weights[pixel * given + after] = share;
  });
  return weights;
}

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
