import type { Graph } from '../../../graph/graph.js';
import type { Value } from '../../../graph/node.js';
import { concat, gather, gatherElements, reshape, topK } from '../../../graph/ops.js';
import { at, staticShape } from '../../../graph/tensor.js';
import type { MapAnchors } from '../../../nn/anchors.js';
import { clipBoxes } from '../../../nn/boxes.js';
import { rowsAt } from '../../../nn/rows.js';
import { suppressByClass } from '../../../nn/suppression.js';
import type { PlantedCounts } from '../../architecture.js';
import type { BestDetections, DetectionOptions } from '../best-detections.js';
import { countAbove } from '../best-detections.js';
import type { LabelledCandidates } from '../planting.js';
import { plantedPairs } from '../planting.js';
import { bestPairs } from './best-pairs.js';
import type { HeadOutputs } from './head.js';
import { anchorRows } from './head.js';

export interface PairOptions extends DetectionOptions {
  /** Best pairs of each map that go on. */
  readonly pairsPerMap: number;
}

/** How a network's outputs become scores and boxes. */
export interface Decoding {
  /** What orders the pairs of a map as their scores do: `[N, shapes, classes, positions]`. */
  readonly ranksOf: (g: Graph, outputs: HeadOutputs, map: number, numClasses: number) => Value;
  readonly scoresOf: (g: Graph, ranks: Value) => Value;
  /** The boxes that codes make of anchors, both `[N, M, 4]`. */
  readonly boxesOf: (g: Graph, codes: Value, anchors: Value) => Value;
}

export interface DetectionSizes {
  readonly numClasses: number;
  /** What boxes are clipped to. */
  readonly imageSize: readonly [height: number, width: number];
}

/**
 * What torchvision's one-stage networks make of their outputs: of each map the best pairs of anchor and class above a
 * threshold, non-maximum suppression by class, the best of all maps and classes.
 */
export function pairDetections(
  g: Graph,
  outputs: HeadOutputs,
  anchors: readonly MapAnchors[],
  decoding: Decoding,
  sizes: DetectionSizes,
  options: PairOptions,
  planted: PlantedCounts | null,
): BestDetections {
  const { scoreThreshold, overlapThreshold, detectionsPerImage } = options;
  const { numClasses, imageSize } = sizes;
  const own = candidatesOf(g, outputs, anchors, decoding, sizes, options.pairsPerMap);
  const [images = 0, places = 0] = staticShape('the scores', own.scores.shape);
  const grid = { images, classes: numClasses, kept: places, limit: detectionsPerImage, imageSize };
  const { scores, boxes, labels } = planted ? plantedPairs(g, own, grid, planted) : own;
  // Survivors come best first, so no class can put more of them among the best than may stay of all classes.
  const limit = Math.min(detectionsPerImage, places);
  const left = suppressByClass(g, boxes, scores, labels, numClasses, { overlapThreshold, scoreThreshold, limit });
  const [best, order] = topK(g, left, limit, 1);
  return {
    boxes: rowsAt(g, boxes, order),
    scores: best,
    labels: gatherElements(g, labels, order, 1),
    detections: countAbove(g, best, scoreThreshold),
    candidates: countAbove(g, scores, scoreThreshold),
  };
}

/** Pairs of each map that go on, of as many anchors in each. */
export function pairPlaces(
  anchorsOfMaps: readonly number[],
  numClasses: number,
  pairsPerMap: number,
): readonly number[] {
  return anchorsOfMaps.map((count) => Math.min(pairsPerMap, count * numClasses));
}

function candidatesOf(
  g: Graph,
  outputs: HeadOutputs,
  anchors: readonly MapAnchors[],
  { ranksOf, scoresOf, boxesOf }: Decoding,
  { numClasses, imageSize }: DetectionSizes,
  pairsPerMap: number,
): LabelledCandidates {
  const places = pairPlaces(
    anchors.map(({ count }) => count),
    numClasses,
    pairsPerMap,
  );
  const found = outputs.codes.map((codes, map) => {
    const pairs = bestPairs(g, ranksOf(g, outputs, map, numClasses), at(places, map));
    const boxes = boxesOf(
      g,
      rowsAt(g, codes, pairs.anchors),
      gather(g, anchorRows(g, at(anchors, map)), pairs.anchors, 0),
    );
    return { scores: scoresOf(g, pairs.ranks), boxes: clipBoxes(g, boxes, imageSize), labels: pairs.labels };
  });
  const joined = (part: keyof LabelledCandidates): Value =>
    concat(
      g,
      found.map((map) => map[part]),
      1,
    );
  return { scores: joined('scores'), boxes: joined('boxes'), labels: joined('labels') };
}

/** A map's logits `[N, shapes * classes, H, W]` as `[N, shapes, classes, positions]`. */
export function byShapeAndClass(g: Graph, logits: Value, numClasses: number): Value {
  const [images = 0, channels = 0, height = 0, width = 0] = staticShape('the logits', logits.shape);
  return reshape(g, logits, [images, channels / numClasses, numClasses, height * width]);
}
