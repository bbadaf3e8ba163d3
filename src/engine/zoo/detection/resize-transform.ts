import type { Graph } from '../../graph/graph.js';
import type { Value } from '../../graph/node.js';
import { staticShape } from '../../graph/tensor.js';
import { normalizeImages, resizeImages } from '../../nn/preprocessing.js';
import type { NetworkOptions } from '../description.js';

const IMAGE_MEAN = [0.485, 0.456, 0.406];
const IMAGE_STD = [0.229, 0.224, 0.225];
/** Sides of a batch are padded to multiples of this, so that every map of the pyramid is half the one before. */
const SIZE_DIVISOR = 32;

/** What `transformedSizes` does, in words. */
export const RESIZE_RULE =
  'the shorter side is resized to min_size, or the longer one to max_size where that is less; then both are padded to ' +
  'multiples of 32';

type Size = readonly [height: number, width: number];

export interface ResizeBounds {
  /** Wanted length of the shorter side, in pixels. */
  readonly minSize: number;
  /** Most that the longer side may have then. */
  readonly maxSize: number;
}

export function resizeBounds({ minSize, maxSize }: NetworkOptions): ResizeBounds {
  if (minSize === null || maxSize === null) throw new TypeError('this network needs min_size and max_size');
  return { minSize, maxSize };
}

/** Sizes of an image on its way through a network. */
export interface TransformedSizes {
  readonly given: Size;
  /** After resizing: what boxes are clipped to. */
  readonly resized: Size;
  /** With zeros added at the right and the bottom: what is computed. */
  readonly padded: Size;
}

/**
 * torchvision's GeneralizedRCNNTransform, with its rounding: the scale in single precision, as the product with a
 * reciprocal; sides rounded down.
 */
export function transformedSizes(given: Size, { minSize, maxSize }: ResizeBounds): TransformedSizes {
  const ratio = (wanted: number, side: number): number => Math.fround(Math.fround(1 / side) * wanted);
  const scale = Math.min(ratio(minSize, Math.min(...given)), ratio(maxSize, Math.max(...given)));
  const resized = mapSize(given, (side) => Math.floor(side * scale));
  return { given, resized, padded: mapSize(resized, (side) => Math.ceil(side / SIZE_DIVISOR) * SIZE_DIVISOR) };
}

function mapSize([height, width]: Size, map: (side: number) => number): Size {
  return [map(height), map(width)];
}

/** Images normalised, resized and padded. */
export function transformImages(g: Graph, images: Value, { resized, padded }: TransformedSizes): Value {
  const prepared = resizeImages(g, normalizeImages(g, images, IMAGE_MEAN, IMAGE_STD), resized);
  const [below, right] = [padded[0] - resized[0], padded[1] - resized[1]];
  if (below === 0 && right === 0) return prepared;
  return g.op('Pad', [prepared, g.int64([0, 0, 0, 0, 0, 0, below, right])], { mode: 'constant' });
}

export function imageSizeOf(images: Value): Size {
  const [, , height = 0, width = 0] = staticShape('the images', images.shape);
  return [height, width];
}
