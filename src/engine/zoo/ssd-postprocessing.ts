import type { Graph } from '../graph/graph.js';
import type { Value } from '../graph/node.js';
import { add, div, expand, gather, gatherElements, reshape, slice, softmax, topK, transpose } from '../graph/ops.js';
import { staticShape } from '../graph/tensor.js';
import { clipBoxes, decodeBoxes } from '../nn/boxes.js';
import { resizeBoxes } from '../nn/preprocessing.js';
import type { InferenceResult, PlantedCounts } from './architecture.js';
import type { Candidates } from './planting.js';
import { plantedCandidates } from './planting.js';
import type { HeadOutputs } from './ssd.js';
import { SSD_CODE_WEIGHTS, countAbove } from './ssd.js';

export interface PostprocessingOptions {
  readonly scoreThreshold: number;
  readonly overlapThreshold: number;
  /** Best boxes of each class that go on to non-maximum suppression. */
  readonly candidatesPerClass: number;
  readonly detectionsPerImage: number;
}

/** Sizes `[height, width]` of the images as given and as computed. */
export interface ImageSizes {
  readonly given: readonly [number, number];
  readonly computed: readonly [number, number];
}

/** Below every threshold: marks what is no candidate. */
const NOT_A_SCORE = -1;

/**
 * torchvision's `SSD.postprocess_detections`: of each class the best boxes above the threshold, non-maximum
 * suppression by class, the best of all classes.
 */
export function ssdDetections(
  g: Graph,
  { codes, logits }: HeadOutputs,
  defaults: Value,
  sizes: ImageSizes,
  options: PostprocessingOptions,
  planted: PlantedCounts | null,
): InferenceResult {
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
    boxes: reshape(g, boxesOf(g, decoded, bestBoxes), [images * foreground, kept, 4]),
  };
  const candidates = planted
    ? plantedCandidates(
        g,
        found,
        { images, classes: foreground, kept, limit: options.detectionsPerImage, imageSize: sizes.computed },
        planted,
      )
    : found;
  const survivors = suppress(g, candidates, options);

  const pairs = foreground * kept;
  const limit = Math.min(options.detectionsPerImage, pairs);
  const [scores, order] = topK(g, reshape(g, survivors, [images, pairs]), limit, 1);
  const boxOrder = expand(g, reshape(g, order, [images, limit, 1]), [images, limit, 4]);
  const boxes = gatherElements(g, reshape(g, candidates.boxes, [images, pairs, 4]), boxOrder, 1);
  return {
    boxes: resizeBoxes(g, boxes, sizes.computed, sizes.given),
    scores,
    labels: add(g, div(g, order, g.int64([kept], [])), g.int64([1], [])),
    detections: countAbove(g, scores, options.scoreThreshold),
    candidates: countAbove(g, reshape(g, candidates.scores, [images, pairs]), options.scoreThreshold),
  };
}

/** Rows of `[N, M, 4]` by int64 indices `[N, classes, kept]`: `[N, classes, kept, 4]`. */
function boxesOf(g: Graph, boxes: Value, indices: Value): Value {
  const [images = 0, count = 0] = staticShape('the boxes', boxes.shape);
  const offsets = g.int64(
    Array.from({ length: images }, (_, image) => image * count),
    [images, 1, 1],
  );
  return gather(g, reshape(g, boxes, [images * count, 4]), add(g, indices, offsets), 0);
}

/** Scores after non-maximum suppression within each row; what did not survive is below every threshold. */
function suppress(g: Graph, { scores, boxes }: Candidates, options: PostprocessingOptions): Value {
  const [rows = 0, kept = 0] = staticShape('the scores', scores.shape);
  const selected = g.op(
    'NonMaxSuppression',
    [
      boxes,
      reshape(g, scores, [rows, 1, kept]),
      g.int64([kept]),
      g.float32([options.overlapThreshold]),
      g.float32([options.scoreThreshold]),
    ],
    { center_point_box: 0 },
  );
  const places = gather(g, selected, g.int64([0, 2]), 1);
  const nothing = expand(g, g.scalar(NOT_A_SCORE), [rows, kept]);
  return g.op('ScatterND', [nothing, places, g.op('GatherND', [scores, places], {})], { reduction: 'none' });
}
