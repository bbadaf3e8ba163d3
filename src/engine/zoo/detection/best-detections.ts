import type { Graph } from '../../graph/graph.js';
import type { Value } from '../../graph/node.js';
import { add, cast, div, expand, gatherElements, greater, reduceSum, reshape, topK } from '../../graph/ops.js';
import { suppress } from '../../nn/suppression.js';
import type { PlantedCounts } from '../architecture.js';
import type { CandidateGrid, Candidates } from './planting.js';
import { plantedCandidates } from './planting.js';

export interface DetectionOptions {
  readonly scoreThreshold: number;
  readonly overlapThreshold: number;
  readonly detectionsPerImage: number;
}

export interface BestDetections {
  /** `[N, limit, 4]` at the computed image's scale, best first; those from `detections` on are padding. */
  readonly boxes: Value;
  /** `[N, limit]` */
  readonly scores: Value;
  /** int64 `[N, limit]` */
  readonly labels: Value;
  /** Detections of each image: float32 `[N]`. */
  readonly detections: Value;
  /** (box, class) pairs of each image that reached non-maximum suppression: float32 `[N]`. */
  readonly candidates: Value;
}

/** Non-maximum suppression by class, and the best of all classes. */
export function bestDetections(
  g: Graph,
  found: Candidates,
  grid: CandidateGrid,
  { scoreThreshold, overlapThreshold, detectionsPerImage }: DetectionOptions,
  planted: PlantedCounts | null,
): BestDetections {
  const { images, classes, kept } = grid;
  const candidates = planted ? plantedCandidates(g, found, grid, planted) : found;
  const survivors = suppress(g, candidates.boxes, candidates.scores, { overlapThreshold, scoreThreshold, limit: kept });
  const pairs = classes * kept;
  const limit = Math.min(detectionsPerImage, pairs);
  const [scores, order] = topK(g, reshape(g, survivors, [images, pairs]), limit, 1);
  const boxOrder = expand(g, reshape(g, order, [images, limit, 1]), [images, limit, 4]);
  return {
    boxes: gatherElements(g, reshape(g, candidates.boxes, [images, pairs, 4]), boxOrder, 1),
    scores,
    labels: add(g, div(g, order, g.int64([kept], [])), g.int64([1], [])),
    detections: countAbove(g, scores, scoreThreshold),
    candidates: countAbove(g, reshape(g, candidates.scores, [images, pairs]), scoreThreshold),
  };
}

/** How many of `scores` `[N, M]` pass `threshold`, by image: float32 `[N]`. */
export function countAbove(g: Graph, scores: Value, threshold: number): Value {
  return reduceSum(g, cast(g, greater(g, scores, g.scalar(threshold)), 'float32'), [1]);
}
