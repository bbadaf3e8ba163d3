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
export function syntheticTargets(options: SyntheticBatchOptions, objects: number): SyntheticTargets {
  const { batch } = options;
  const boxes = new Float32Array(batch * objects * 4);
  const labels = new Int32Array(batch * objects);
  for (let b = 0; b < batch; b++) {
    for (let j = 0; j < objects; j++) {
      const box = exactBox(options, b, j);
      const object = b * objects + j;
      boxes.set([box.x, box.y, box.x + box.width, box.y + box.height], object * 4);
      labels[object] = 1 + Math.floor(box.classFraction * OBJECT_CLASSES);
    }
  }
  return { boxes, labels };
}

interface ExactBox {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly classFraction: number;
}

function exactBox(
  { imageSize: [height, width], seed }: SyntheticBatchOptions,
  image: number,
  object: number,
): ExactBox {
  const name = `target.${String(image)}.${String(object)}`;
  const [u0 = 0, u1 = 0, u2 = 0, u3 = 0, classFraction = 0] = uniform(name, seed, 5);
  const boxWidth = (0.2 + 0.4 * u0) * width;
  const boxHeight = (0.2 + 0.4 * u1) * height;
  return {
    x: u2 * (width - boxWidth),
    y: u3 * (height - boxHeight),
    width: boxWidth,
    height: boxHeight,
    classFraction,
  };
}

/**
 * Pixels of each object, `[batch, objects, height, width]`, 1 or 0: those whose centre lies in the ellipse inscribed in
 * its box. The box is taken as computed, before it is rounded to float32.
 */
export function syntheticMasks(options: SyntheticBatchOptions, objects: number): Uint8Array {
  const { batch, imageSize } = options;
  const [height, width] = imageSize;
  const masks = new Uint8Array(batch * objects * height * width);
  let place = 0;
  for (let b = 0; b < batch; b++) {
    for (let j = 0; j < objects; j++) {
      const box = exactBox(options, b, j);
      for (let y = 0; y < height; y++) {
        const vertical = ((y + 0.5 - box.y - box.height / 2) / (box.height / 2)) ** 2;
        for (let x = 0; x < width; x++) {
          const horizontal = ((x + 0.5 - box.x - box.width / 2) / (box.width / 2)) ** 2;
          masks[place++] = horizontal + vertical <= 1 ? 1 : 0;
        }
      }
    }
  }
  return masks;
}

/** Class of each pixel, `[batch, height, width]`: of the last object that covers it, modulo the classes, else 0. */
export function syntheticPixelClasses(
  options: SyntheticBatchOptions,
  objects: number,
  numClasses: number,
): BigInt64Array {
  const [height, width] = options.imageSize;
  const pixels = height * width;
  const classes = new BigInt64Array(options.batch * pixels);
  const { labels } = syntheticTargets(options, objects);
  const masks = syntheticMasks(options, objects);
  labels.forEach((label, object) => {
    const first = Math.floor(object / objects) * pixels;
    const own = BigInt(label % numClasses);
    for (let pixel = 0; pixel < pixels; pixel++) {
      if (masks[object * pixels + pixel] === 1) classes[first + pixel] = own;
    }
  });
  return classes;
}

/** Class of each image, `[batch]`: its first object's, modulo the classes. */
export function syntheticImageClasses(options: SyntheticBatchOptions, numClasses: number): BigInt64Array {
  return BigInt64Array.from(syntheticTargets(options, 1).labels, (label) => BigInt(label % numClasses));
}
