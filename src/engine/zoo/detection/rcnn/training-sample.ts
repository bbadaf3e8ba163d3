import type { Graph } from '../../../graph/graph.js';
import type { Value } from '../../../graph/node.js';
import { add, cast, concat, gatherElements, mul, reshape, slice, sub } from '../../../graph/ops.js';
import { staticShape } from '../../../graph/tensor.js';
import { boxIou } from '../../../nn/boxes.js';
import { matchByThresholds } from '../../../nn/matching.js';
import { rowsAt } from '../../../nn/rows.js';
import type { SamplingOrder } from '../../../nn/sampling.js';
import { balancedSample } from '../../../nn/sampling.js';
import type { Proposals } from './region-proposals.js';

const THRESHOLDS = { foreground: 0.5, background: 0.5, bestOfEachTarget: false };
const SAMPLED_BOXES = 512;
/** Quota of positives in a sample. */
export const SAMPLED_POSITIVES = 128;
/** A box outside of every image by more than a pixel of the coarsest map, where RoIAlign finds nothing but zeros. */
const OUTSIDE = [-130, -130, -100, -100];

/** Regions chosen to train the heads on. */
export interface TrainingSample {
  /** `[N, places, 4]`, positives first; outside of the image where a place is left over. */
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
  const targets = gatherElements(g, matches.targets, indices, 1);
  return {
    boxes: outsideUnless(g, chosen, rowsAt(g, candidates, indices)),
    targets,
    labels: mul(g, gatherElements(g, labels, targets, 1), cast(g, positive, 'int64')),
    positive,
    chosen,
  };
}

/** The first places of a sample, as many as there can be positives, with nothing but the positives left in them. */
export function positivesOf(g: Graph, sample: TrainingSample, places: number): TrainingSample {
  const first = (value: Value): Value => slice(g, value, 1, 0, places);
  const positive = first(sample.positive);
  return {
    boxes: outsideUnless(g, positive, first(sample.boxes)),
    targets: first(sample.targets),
    labels: first(sample.labels),
    positive,
    chosen: positive,
  };
}

/** `[N, places, 4]` where `inside` `[N, places]` is 1; where it is 0, a box with the same features in every image. */
function outsideUnless(g: Graph, inside: Value, boxes: Value): Value {
  const kept = reshape(g, inside, [...staticShape('the places', inside.shape), 1]);
  return add(g, mul(g, boxes, kept), mul(g, g.float32(OUTSIDE), sub(g, g.scalar(1), kept)));
}
