import { mappedUniform, uniform } from './hash.js';

/** What a batch of synthetic images is made from. */
export interface SyntheticBatchOptions {
  readonly batch: number;
  /** `[height, width]` in pixels. */
  readonly imageSize: readonly [height: number, width: number];
  readonly seed: number;
}

/** Ground truth of a batch; every image has the same number of objects. */
export interface SyntheticTargets {
  /** `[batch, objects, 4]`: x1, y1, x2, y2 in pixels of the image as given. */
  readonly boxes: Float32Array;
  /** `[batch, objects]`: 1 to 90, the classes of COCO without the background. */
  readonly labels: Int32Array;
}

const CHANNELS = 3;
const OBJECT_CLASSES = 90;

/** `[batch, 3, height, width]`, values in [0, 1): image b is the hash tensor `image.b`. */
export function syntheticImages({ batch, imageSize: [height, width], seed }: SyntheticBatchOptions): Float32Array {
  const imageElements = CHANNELS * height * width;
  const images = new Float32Array(batch * imageElements);
  for (let b = 0; b < batch; b++) {
    images.set(
      mappedUniform(`image.${String(b)}`, seed, imageElements, (u) => u),
      b * imageElements,
    );
  }
  return images;
}

/**
 * Boxes with sides of 0.2 to 0.6 of the image's, wholly inside it. Corners are computed in double precision and rounded
 * to float32 once, so a width taken from the rounded corners can differ in its last bits.
 */
export function syntheticTargets(
  { batch, imageSize: [height, width], seed }: SyntheticBatchOptions,
  objects: number,
): SyntheticTargets {
  const boxes = new Float32Array(batch * objects * 4);
  const labels = new Int32Array(batch * objects);
  for (let b = 0; b < batch; b++) {
    for (let j = 0; j < objects; j++) {
      const [u0 = 0, u1 = 0, u2 = 0, u3 = 0, u4 = 0] = uniform(`target.${String(b)}.${String(j)}`, seed, 5);
      const boxWidth = (0.2 + 0.4 * u0) * width;
      const boxHeight = (0.2 + 0.4 * u1) * height;
      const x1 = u2 * (width - boxWidth);
      const y1 = u3 * (height - boxHeight);
      const object = b * objects + j;
      boxes.set([x1, y1, x1 + boxWidth, y1 + boxHeight], object * 4);
      labels[object] = 1 + Math.floor(u4 * OBJECT_CLASSES);
    }
  }
  return { boxes, labels };
}
