import { transformedSizes } from '../../../src/engine/zoo/detection/resize-transform.js';

type Size = readonly [number, number];

/** As torchvision's GeneralizedRCNNTransform resizes and pads one image. */
const SIZES: readonly (readonly [given: Size, minSize: number, maxSize: number, resized: Size, padded: Size])[] = [
  [[256, 256], 800, 1333, [800, 800], [800, 800]],
  [[480, 640], 800, 1333, [800, 1066], [800, 1088]],
  // A scale rounded to single precision leaves a side one short.
  [[427, 640], 800, 1333, [799, 1199], [800, 1216]],
  [[333, 1000], 800, 1333, [443, 1333], [448, 1344]],
  [[97, 131], 128, 200, [127, 172], [128, 192]],
  [[150, 333], 160, 300, [135, 299], [160, 320]],
  [[1080, 1920], 800, 1333, [749, 1333], [768, 1344]],
];

test.each(SIZES)(
  '%j with min_size %d and max_size %d becomes %j, padded %j',
  (given, minSize, maxSize, resized, padded) => {
    expect(transformedSizes(given, { minSize, maxSize })).toEqual({ given, resized, padded });
  },
);
