import type { Graph } from '../../../graph/graph.js';
import type { Value } from '../../../graph/node.js';
import { add, cast, concat, div, gather, gatherElements, mul, relu, reshape, sub } from '../../../graph/ops.js';
import { at, elementCount, staticShape } from '../../../graph/tensor.js';
import type { CodeWeights } from '../../../nn/boxes.js';
import { boxIou, encodeBoxes } from '../../../nn/boxes.js';
import { linear } from '../../../nn/layers.js';
import { crossEntropy, smoothL1, sumAll } from '../../../nn/losses.js';
import { matchByThresholds } from '../../../nn/matching.js';
import type { Network } from '../../../nn/network.js';
import { multiScaleRoiAlign } from '../../../nn/roi-align.js';
import { imageOfEachRow, rowsAt } from '../../../nn/rows.js';
import type { SamplingOrder } from '../../../nn/sampling.js';
import { balancedSample } from '../../../nn/sampling.js';
import type { Proposals } from './region-proposals.js';
import { SMOOTH_L1_BETA } from './region-proposals.js';

export const BOX_CODE_WEIGHTS: CodeWeights = [10, 10, 5, 5];

const THRESHOLDS = { foreground: 0.5, background: 0.5, bestOfEachTarget: false };
const SAMPLED_BOXES = 512;
/** Quota of positives in a sample. */
export const SAMPLED_POSITIVES = 128;
const REPRESENTATION_SIZE = 1024;
const BOX_GRID = 7;

/** Maps of the pyramid that regions are read from, with the share of the image's coordinates that theirs are. */
export interface RegionMaps {
  readonly maps: readonly Value[];
  readonly spatialScales: readonly number[];
}

/** Features of each region on a square grid: `[N * regions, C, side, side]`. @param boxes `[N, regions, 4]` */
export function regionFeatures(g: Graph, { maps, spatialScales }: RegionMaps, boxes: Value, side: number): Value {
  const regions = reshape(g, boxes, [-1, 4]);
  return multiScaleRoiAlign(g, maps, spatialScales, regions, imageOfEachRow(g, boxes), {
    outputSize: [side, side],
    samplingRatio: 2,
    canonicalScale: 224,
    canonicalLevel: 4,
  });
}

/** Regions chosen to train the heads on. */
export interface TrainingSample {
  /** `[N, places, 4]`, positives first. */
  readonly boxes: Value;
  /** Index of the object that each overlaps most: int64 `[N, places]`. */
  readonly targets: Value;
  /** Class, 0 for background: int64 `[N, places]`. */
  readonly labels: Value;
  /** 1 for a positive, else 0: float32 `[N, places]`. */
  readonly positive: Value;
  /** 1, or 0 for a place that is left over: float32 `[N, places]`. */
  readonly chosen: Value;
}

/**
 * Proposals and, behind them, the objects themselves are matched with the objects, and a balanced sample is taken.
 *
 * @param boxes of the objects, at the resized image's scale: `[N, objects, 4]`
 * @param labels of the objects: int64 `[N, objects]`
 */
export function trainingSample(
  g: Graph,
  found: Proposals,
  boxes: Value,
  labels: Value,
  positives: number,
  order: SamplingOrder,
): TrainingSample {
  const [images = 0, objects = 0] = staticShape('the objects', labels.shape);
  const candidates = concat(g, [found.boxes, boxes], 1);
  const valid = concat(
    g,
    [found.valid, g.constant('float32', [images, objects], new Float32Array(images * objects).fill(1))],
    1,
  );
  const matches = matchByThresholds(g, boxIou(g, boxes, candidates), THRESHOLDS);
  const { indices, positive, chosen } = balancedSample(
    g,
    mul(g, valid, matches.positive),
    mul(g, valid, matches.negative),
    { boxes: SAMPLED_BOXES, positives },
    order,
  );
  // A place that is left over holds the last object, so that whatever is computed of it stays finite.
  const last = g.int64([Number(at(valid.shape, 1)) - 1], []);
  const taken = cast(g, chosen, 'int64');
  const places = add(g, mul(g, indices, taken), mul(g, last, sub(g, g.int64([1], []), taken)));
  const targets = gatherElements(g, matches.targets, places, 1);
  return {
    boxes: rowsAt(g, candidates, places),
    targets,
    labels: mul(g, gatherElements(g, labels, targets, 1), cast(g, positive, 'int64')),
    positive,
    chosen,
  };
}

export interface BoxPredictions {
  /** `[regions, classes]` */
  readonly logits: Value;
  /** `[regions, classes, 4]` */
  readonly codes: Value;
}

/** Two linear layers of the features of each region, then its class and, for each class, the codes of its box. */
export function boxPredictions(net: Network, regionMaps: RegionMaps, boxes: Value, numClasses: number): BoxPredictions {
  const { g } = net;
  const features = net.module('box_roi_pool', () => regionFeatures(g, regionMaps, boxes, BOX_GRID));
  const shape = staticShape('the features', features.shape);
  const flat = reshape(g, features, [at(shape, 0), elementCount(shape.slice(1))]);
  const hidden = net.module('box_head', () => {
    const first = net.module('fc6', () => relu(g, linear(net, flat, REPRESENTATION_SIZE)));
    return net.module('fc7', () => relu(g, linear(net, first, REPRESENTATION_SIZE)));
  });
  return net.module('box_predictor', () => {
    const logits = net.module('cls_score', () => linear(net, hidden, numClasses));
    const codes = net.module('bbox_pred', () => linear(net, hidden, 4 * numClasses));
    return { logits, codes: reshape(g, codes, [at(shape, 0), numClasses, 4]) };
  });
}

export interface BoxLosses {
  readonly classification: Value;
  readonly regression: Value;
}

/**
 * Losses of Fast R-CNN (Girshick 2015, section 2.3): cross entropy of the classes, and smooth L1 of the positives' codes
 * for their own class, both over the number of sampled regions.
 *
 * @param targets boxes of the objects: `[N, objects, 4]`
 */
export function boxLosses(
  g: Graph,
  { logits, codes }: BoxPredictions,
  sample: TrainingSample,
  targets: Value,
): BoxLosses {
  const [images = 0, places = 0] = staticShape('the sample', sample.labels.shape);
  const regions = images * places;
  const numClasses = Number(at(logits.shape, 1));
  const sampled = sumAll(g, sample.chosen);
  const byRegion = (value: Value, columns: readonly number[] = []): Value => reshape(g, value, [regions, ...columns]);

  const losses = crossEntropy(g, reshape(g, logits, [images, places, numClasses]), sample.labels);
  const classification = sumAll(g, mul(g, sample.chosen, losses));

  const wanted = encodeBoxes(g, rowsAt(g, targets, sample.targets), sample.boxes, BOX_CODE_WEIGHTS);
  const firstCodes = g.int64(Array.from({ length: regions }, (_, region) => region * numClasses));
  const own = gather(g, reshape(g, codes, [regions * numClasses, 4]), add(g, byRegion(sample.labels), firstCodes), 0);
  const deviations = smoothL1(g, own, byRegion(wanted, [4]), SMOOTH_L1_BETA);
  const regression = sumAll(g, mul(g, deviations, byRegion(sample.positive, [1])));
  return { classification: div(g, classification, sampled), regression: div(g, regression, sampled) };
}
