import type { Graph } from '../../../graph/graph.js';
import type { Value } from '../../../graph/node.js';
import {
  and,
  cast,
  concat,
  div,
  expand,
  gather,
  gatherElements,
  greater,
  greaterOrEqual,
  mul,
  relu,
  reshape,
  sigmoid,
  stopGradient,
  topK,
  where,
} from '../../../graph/ops.js';
import { at, staticShape } from '../../../graph/tensor.js';
import type { AnchorOptions, Grid, MapAnchors } from '../../../nn/anchors.js';
import { anchorsPerPosition, pyramidAnchors } from '../../../nn/anchors.js';
import type { CodeWeights } from '../../../nn/boxes.js';
import { boxIou, clipBoxes, decodeBoxes, encodeBoxes, sidesReach } from '../../../nn/boxes.js';
import { perBox } from '../../../nn/head-outputs.js';
import { channelsOf, conv2dLayer } from '../../../nn/layers.js';
import { binaryCrossEntropy, sumAll } from '../../../nn/losses.js';
import { matchByThresholds } from '../../../nn/matching.js';
import type { Network } from '../../../nn/network.js';
import { rowsAt } from '../../../nn/rows.js';
import type { SamplingOrder } from '../../../nn/sampling.js';
import { balancedSample } from '../../../nn/sampling.js';
import { ANY_SCORE, NOT_A_SCORE, suppress } from '../../../nn/suppression.js';
import type { TransformedSizes } from '../resize-transform.js';
import { codeLoss } from './code-loss.js';

const CODE_WEIGHTS: CodeWeights = [1, 1, 1, 1];
const THRESHOLDS = { foreground: 0.7, background: 0.3, bestOfEachTarget: true };
const SAMPLE = { boxes: 256, positives: 128 };
const OVERLAP_THRESHOLD = 0.7;
/** Pixels. */
const SMALLEST_SIDE = 1e-3;

/** In what proposal networks differ. */
export interface ProposalNetwork {
  /** As many at every position of each map. */
  readonly anchors: AnchorOptions;
  /** 3x3 convolutions before the outputs. */
  readonly depth: number;
  /** Proposals of each map that go on to suppression, and of all maps that are left after it. */
  readonly limits: { readonly training: number; readonly evaluation: number };
  /** Least probability of an object. */
  readonly scoreThreshold: number;
}

/** What the head says about every anchor, by map. */
export interface AnchorPredictions {
  /** `[N, anchors]` each */
  readonly logits: readonly Value[];
  /** `[N, anchors, 4]` each */
  readonly codes: readonly Value[];
  /** `[anchors, 4]` each */
  readonly anchors: readonly MapAnchors[];
}

export interface Proposals {
  /** `[N, proposals, 4]`, best first */
  readonly boxes: Value;
  /** 1, or 0 for a place that is left over: float32 `[N, proposals]`. */
  readonly valid: Value;
}

/** The proposal network's head on each map: 3x3 convolutions, then objectness and codes of each anchor by 1x1. @param grids sizes of the maps */
export function anchorPredictions(
  net: Network,
  maps: readonly Value[],
  grids: readonly Grid[],
  { padded }: TransformedSizes,
  { anchors, depth }: ProposalNetwork,
): AnchorPredictions {
  const { g } = net;
  const channels = channelsOf(at(maps, 0));
  const perPosition = anchorsPerPosition(anchors, 0);
  const layer = (outChannels: number, kernel: number) =>
    conv2dLayer(net, channels, { outChannels, kernel, bias: true });
  return net.module('head', () => {
    const shared = net.module('conv', () =>
      Array.from({ length: depth }, (_, index) => net.module(index, () => net.module(0, () => layer(channels, 3)))),
    );
    const objectness = net.module('cls_logits', () => layer(perPosition, 1));
    const regression = net.module('bbox_pred', () => layer(4 * perPosition, 1));
    const outputs = maps.map((map) => {
      const hidden = shared.reduce((x, convolution) => relu(g, convolution(x)), map);
      const logits = perBox(g, objectness(hidden), 1);
      const [images = 0, count = 0] = staticShape('the logits', logits.shape);
      return { logits: reshape(g, logits, [images, count]), codes: perBox(g, regression(hidden), 4) };
    });
    return {
      logits: outputs.map(({ logits }) => logits),
      codes: outputs.map(({ codes }) => codes),
      anchors: pyramidAnchors(anchors, grids, padded),
    };
  });
}

function asRows(g: Graph, maps: readonly MapAnchors[]): Value {
  const count = maps.reduce((sum, map) => sum + map.count, 0);
  return g.deferredConstant('float32', [count, 4], () => joined(maps.map((map) => map.rows())));
}

export interface ProposalPlaces {
  /** Anchors of each map that go on to suppression. */
  readonly ofMaps: readonly number[];
  readonly ofAll: number;
}

/** Places for proposals, of as many anchors in each map. */
export function proposalPlaces(anchorsOfMaps: readonly number[], limit: number): ProposalPlaces {
  const ofMaps = anchorsOfMaps.map((count) => Math.min(limit, count));
  return {
    ofMaps,
    ofAll: Math.min(
      limit,
      ofMaps.reduce((sum, kept) => sum + kept, 0),
    ),
  };
}

/**
 * The proposal network's answer: of each map the best anchors, moved and clipped, without those too small or too little
 * probable; what is left of them after suppression within each map; the best of all. A fixed number of places; gradients
 * end here.
 */
export function proposals(
  g: Graph,
  { logits, codes, anchors }: AnchorPredictions,
  { resized }: TransformedSizes,
  { limits, scoreThreshold }: ProposalNetwork,
  mode: keyof ProposalNetwork['limits'],
): Proposals {
  const places = proposalPlaces(
    logits.map(({ shape }) => Number(at(shape, 1))),
    limits[mode],
  );
  const found = logits.map((objectness, map) => {
    const kept = at(places.ofMaps, map);
    const [scores, best] = topK(g, stopGradient(g, objectness), kept, 1);
    const moved = decodeBoxes(
      g,
      rowsAt(g, stopGradient(g, at(codes, map)), best),
      gather(g, asRows(g, [at(anchors, map)]), best, 0),
      CODE_WEIGHTS,
    );
    const boxes = clipBoxes(g, moved, resized);
    const probable = greaterOrEqual(g, sigmoid(g, scores), g.scalar(scoreThreshold));
    const counts = and(g, sidesReach(g, boxes, SMALLEST_SIDE), probable);
    const survivors = suppress(g, boxes, where(g, counts, scores, g.scalar(NOT_A_SCORE)), {
      overlapThreshold: OVERLAP_THRESHOLD,
      scoreThreshold: ANY_SCORE,
      limit: kept,
    });
    return { boxes, scores: survivors };
  });
  const boxes = concat(
    g,
    found.map((map) => map.boxes),
    1,
  );
  const scores = concat(
    g,
    found.map((map) => map.scores),
    1,
  );
  const [bestScores, best] = topK(g, scores, places.ofAll, 1);
  return {
    boxes: rowsAt(g, boxes, best),
    valid: cast(g, greater(g, bestScores, g.scalar(ANY_SCORE)), 'float32'),
  };
}

export interface ProposalLosses {
  readonly objectness: Value;
  readonly regression: Value;
}

/**
 * Losses of the proposal network (Ren et al. 2015, section 3.1): of a balanced sample of the anchors of each image, cross
 * entropy of the objectness, and smooth L1 of the codes of the positives, both over the number of sampled anchors.
 *
 * @param targets at the resized image's scale, `[N, objects, 4]`
 */
export function proposalLosses(
  g: Graph,
  predictions: AnchorPredictions,
  targets: Value,
  order: SamplingOrder,
): ProposalLosses {
  const anchors = asRows(g, predictions.anchors);
  const matches = matchByThresholds(g, boxIou(g, targets, anchors), THRESHOLDS);
  const { indices, positive, chosen } = balancedSample(g, matches.positive, matches.negative, SAMPLE, order);
  const sampled = sumAll(g, chosen);

  const logits = gatherElements(g, concat(g, predictions.logits, 1), indices, 1);
  const objectness = sumAll(g, mul(g, chosen, binaryCrossEntropy(g, logits, positive)));

  const matched = rowsAt(g, targets, gatherElements(g, matches.targets, indices, 1));
  const wanted = encodeBoxes(g, matched, gather(g, anchors, indices, 0), CODE_WEIGHTS);
  const [images = 0, places = 0] = staticShape('the sample', positive.shape);
  // By elements, not by rows: with fewer anchors than places an anchor is there twice, and rows may then lose a sum.
  const columns = expand(g, reshape(g, indices, [images, places, 1]), [images, places, 4]);
  const codes = gatherElements(g, concat(g, predictions.codes, 1), columns, 1);
  const counted = reshape(g, positive, [images, places, 1]);
  const regression = codeLoss(g, codes, wanted, counted);
  return { objectness: div(g, objectness, sampled), regression: div(g, regression, sampled) };
}

function joined(arrays: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(arrays.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const array of arrays) {
    all.set(array, offset);
    offset += array.length;
  }
  return all;
}
