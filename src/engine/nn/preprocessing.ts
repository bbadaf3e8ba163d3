import type { Graph } from '../graph/graph.js';
import { pixelPlaces } from '../graph/interpolation.js';
import type { Value } from '../graph/node.js';
import { add, gather, mul, sub } from '../graph/ops.js';
import { at, staticShape } from '../graph/tensor.js';

/** (images - mean) / std, by channel of `[N, 3, H, W]`. */
export function normalizeImages(g: Graph, images: Value, mean: readonly number[], std: readonly number[]): Value {
  const perChannel = (values: readonly number[]): Value => g.float32(values, [1, values.length, 1, 1]);
  return mul(g, sub(g, images, perChannel(mean)), perChannel(std.map((deviation) => 1 / deviation)));
}

/**
 * Bilinear, pixel centres at half positions: torch's `interpolate(mode="bilinear", align_corners=False)`.
 *
 * Two gathers and a weighted sum for each axis: onnxruntime's Resize computes its weights in single precision, and
 * their error (1e-6 of a pixel's value) grows through the batch norms of the smallest feature maps to 2 % of a gradient.
 */
export function resizeImages(g: Graph, images: Value, [height, width]: readonly [number, number]): Value {
  return resizeAxis(g, resizeAxis(g, images, 2, height), 3, width);
}

function resizeAxis(g: Graph, images: Value, axis: number, size: number): Value {
  const given = at(staticShape('the images', images.shape), axis);
  if (given === size) return images;
  const places = pixelPlaces(given, size);
  const shape = images.shape.map((_, other) => (other === axis ? size : 1));
  const share = g.float32(
    places.map((place) => place.share),
    shape,
  );
  const pixels = (of: 'before' | 'after'): Value => gather(g, images, g.int64(places.map((place) => place[of])), axis);
  const first = pixels('before');
  return add(g, first, mul(g, sub(g, pixels('after'), first), share));
}

/** The nearest pixel, as torch's `interpolate(mode="nearest")` rounds: masks `[N, objects, H, W]` in another size. */
export function resizeMasks(g: Graph, masks: Value, [height, width]: readonly [number, number]): Value {
  return nearestAlong(g, nearestAlong(g, masks, 2, height), 3, width);
}

function nearestAlong(g: Graph, masks: Value, axis: number, size: number): Value {
  const given = at(staticShape('the masks', masks.shape), axis);
  if (given === size) return masks;
  const scale = Math.fround(given / size);
  const places = Array.from({ length: size }, (_, index) =>
    Math.min(Math.floor(Math.fround(index * scale)), given - 1),
  );
  return gather(g, masks, g.int64(places), axis);
}

/** Boxes `[..., 4]` (x1, y1, x2, y2) of an image of size `from`, in an image of size `to`. */
export function resizeBoxes(
  g: Graph,
  boxes: Value,
  from: readonly [number, number],
  to: readonly [number, number],
): Value {
  const [vertical, horizontal] = [to[0] / from[0], to[1] / from[1]];
  if (vertical === 1 && horizontal === 1) return boxes;
  return mul(g, boxes, g.float32([horizontal, vertical, horizontal, vertical]));
}
