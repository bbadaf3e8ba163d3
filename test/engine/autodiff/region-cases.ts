import type { Graph } from '../../../src/engine/graph/graph.js';
import type { Value } from '../../../src/engine/graph/node.js';
import { multiScaleRoiAlign, roiAlign } from '../../../src/engine/nn/roi-align.js';
import { linear, operand } from './gradient-case.js';

/** Regions that overlap, reach over borders, and are smaller than a pixel. */
const BOXES = [
  [0, 0, 32, 24],
  [2, 3, 9.5, 20],
  [4, 4, 12, 12],
  [-3, -4, 6, 5],
  [25, 18, 40, 30],
  [10, 10, 10.5, 10.5],
];

function regions(g: Graph): readonly [boxes: Value, images: Value] {
  return [g.float32(BOXES.flat(), [BOXES.length, 4]), g.int64(BOXES.map((_, index) => index % 2))];
}

export const regionCases = [
  linear('RoiAlign', 'regions of two images', [operand([2, 3, 6, 8])], (g, x) =>
    roiAlign(g, x, ...regions(g), { outputSize: [3, 2], samplingRatio: 2, spatialScale: 1 / 4 }),
  ),
  linear('RoiAlign', 'a map of several strips', [operand([2, 1, 24, 100])], (g, x) =>
    roiAlign(g, x, ...regions(g), { outputSize: [7, 7], samplingRatio: 2, spatialScale: 1 }),
  ),
  linear(
    'MultiScaleRoiAlign',
    'regions of three maps',
    [operand([2, 2, 12, 16]), operand([2, 2, 6, 8]), operand([2, 2, 3, 4])],
    (g, fine, middle, coarse) =>
      multiScaleRoiAlign(g, [fine, middle, coarse], [1 / 2, 1 / 4, 1 / 8], ...regions(g), {
        outputSize: [2, 2],
        samplingRatio: 2,
        canonicalScale: 16,
        canonicalLevel: 2,
      }),
  ),
  linear(
    'MultiScaleRoiAlign',
    'a map that no region is of',
    [operand([2, 2, 12, 16]), operand([2, 2, 6, 8])],
    (g, fine, coarse) =>
      multiScaleRoiAlign(g, [fine, coarse], [1 / 2, 1 / 4], ...regions(g), {
        outputSize: [2, 2],
        samplingRatio: 2,
        canonicalScale: 1000,
        canonicalLevel: 2,
      }),
  ),
];
