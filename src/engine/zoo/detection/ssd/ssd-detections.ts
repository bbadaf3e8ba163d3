import type { Graph } from '../../../graph/graph.js';
import type { Value } from '../../../graph/node.js';
import { reshape, slice, softmax, topK, transpose } from '../../../graph/ops.js';
import { staticShape } from '../../../graph/tensor.js';
import { clipBoxes, decodeBoxes } from '../../../nn/boxes.js';
import { resizeBoxes } from '../../../nn/preprocessing.js';
import { rowsAt } from '../../../nn/rows.js';
import type { DetectionResult, PlantedCounts } from '../../architecture.js';
import type { DetectionOptions } from '../best-detections.js';
import { bestDetections } from '../best-detections.js';
import type { SsdHeadOutputs } from './ssd-losses.js';
import { SSD_CODE_WEIGHTS } from './ssd-losses.js';

export interface PostprocessingOptions extends DetectionOptions {
  /** Best boxes of each class that go on to non-maximum suppression. */
  readonly candidatesPerClass: number;
}

/** Sizes `[height, width]` of the images as given and as computed. */
export interface ImageSizes {
  readonly given: readonly [number, number];
  readonly computed: readonly [number, number];
}

/**
 * torchvision's `SSD.postprocess_detections`: of each class the best boxes above the threshold, non-maximum
 * suppression by class, the best of all classes.
 */
export function ssdDetections(
  g: Graph,
  { codes, logits }: SsdHeadOutputs,
  defaults: Value,
  sizes: ImageSizes,
  options: PostprocessingOptions,
  planted: PlantedCounts | null,
): DetectionResult {
  const [images = 0, count = 0, classes = 0] = staticShape('the logits', logits.shape);
  const foreground = classes - 1;
  const kept = Math.min(options.candidatesPerClass, count);
  const decoded = clipBoxes(
    g,
    decodeBoxes(g, codes, reshape(g, defaults, [1, count, 4]), SSD_CODE_WEIGHTS),
    sizes.computed,
  );
  const byClass = transpose(g, slice(g, softmax(g, logits, -1), 2, 1, classes), [0, 2, 1]);
  const [bestScores, bestBoxes] = topK(g, byClass, kept, 2);
  const found = {
    scores: reshape(g, bestScores, [images * foreground, kept]),
    boxes: reshape(g, rowsAt(g, decoded, bestBoxes), [images * foreground, kept, 4]),
  };
  const limit = options.detectionsPerImage;
  const grid = { images, classes: foreground, kept, limit, imageSize: sizes.computed };
  const best = bestDetections(g, found, grid, options, planted);
  return { kind: 'detections', ...best, boxes: resizeBoxes(g, best.boxes, sizes.computed, sizes.given), masks: null };
}
