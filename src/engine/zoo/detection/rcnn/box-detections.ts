import type { Graph } from '../../../graph/graph.js';
import { and, greater, reshape, slice, softmax, transpose, where } from '../../../graph/ops.js';
import { at, staticShape } from '../../../graph/tensor.js';
import { clipBoxes, decodeBoxes, sidesReach } from '../../../nn/boxes.js';
import { NOT_A_SCORE } from '../../../nn/suppression.js';
import type { PlantedCounts } from '../../architecture.js';
import type { BestDetections } from '../best-detections.js';
import { bestDetections } from '../best-detections.js';
import type { BoxPredictions } from './box-head.js';
import { BOX_CODE_WEIGHTS } from './box-head.js';
import type { TransformedSizes } from '../resize-transform.js';
import type { Proposals } from './region-proposals.js';

/** Most detections of an image, over all classes. */
export const DETECTIONS_PER_IMAGE = 100;

const THRESHOLDS = { scoreThreshold: 0.05, overlapThreshold: 0.5 };
/** Pixels. */
const SMALLEST_SIDE = 1e-2;

/**
 * torchvision's `RoIHeads.postprocess_detections`: each proposal is a box for every class but the background; those with
 * a low score or too small go, then those that overlap a better one of their class; the best `limit` of all classes stay.
 */
export function boxDetections(
  g: Graph,
  proposals: Proposals,
  { logits, codes }: BoxPredictions,
  { resized }: TransformedSizes,
  { limit, planted }: { readonly limit: number; readonly planted: PlantedCounts | null },
): BestDetections {
  const [images = 0, kept = 0] = staticShape('the proposals', proposals.valid.shape);
  const numClasses = Number(at(logits.shape, 1));
  const classes = numClasses - 1;
  const foreground = slice(g, reshape(g, codes, [images, kept, numClasses, 4]), 2, 1, numClasses);
  const moved = decodeBoxes(g, foreground, reshape(g, proposals.boxes, [images, kept, 1, 4]), BOX_CODE_WEIGHTS);
  const boxes = transpose(g, clipBoxes(g, moved, resized), [0, 2, 1, 3]);
  const probabilities = reshape(g, softmax(g, logits, -1), [images, kept, numClasses]);
  const scores = transpose(g, slice(g, probabilities, 2, 1, numClasses), [0, 2, 1]);
  const isProposal = greater(g, reshape(g, proposals.valid, [images, 1, kept]), g.scalar(0));
  const counts = and(g, sidesReach(g, boxes, SMALLEST_SIDE), isProposal);
  const found = {
    boxes: reshape(g, boxes, [images * classes, kept, 4]),
    scores: reshape(g, where(g, counts, scores, g.scalar(NOT_A_SCORE)), [images * classes, kept]),
  };
  const grid = { images, classes, kept, limit: DETECTIONS_PER_IMAGE, imageSize: resized };
  return bestDetections(g, found, grid, { ...THRESHOLDS, detectionsPerImage: limit }, planted);
}
