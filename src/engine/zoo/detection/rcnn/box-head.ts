import type { Graph } from '../../../graph/graph.js';
import type { Value } from '../../../graph/node.js';
import { add, div, gather, mul, relu, reshape } from '../../../graph/ops.js';
import { at, elementCount, staticShape } from '../../../graph/tensor.js';
import type { CodeWeights } from '../../../nn/boxes.js';
import { encodeBoxes } from '../../../nn/boxes.js';
import { linear } from '../../../nn/layers.js';
import { crossEntropy, sumAll } from '../../../nn/losses.js';
import type { Network } from '../../../nn/network.js';
import type { Occupancy } from '../../../nn/occupancy.js';
import { rowsAt } from '../../../nn/rows.js';
import { RESNET_NORM } from '../../backbones/resnet.js';
import { codeLoss } from './code-loss.js';
import { regionConvolutions } from './region-convolutions.js';
import type { RegionMaps } from './region-features.js';
import { regionFeatures } from './region-features.js';
import type { TrainingSample } from './training-sample.js';

export const BOX_CODE_WEIGHTS: CodeWeights = [10, 10, 5, 5];

const REPRESENTATION_SIZE = 1024;
const BOX_GRID = 7;
const CONVOLUTIONS = { channels: [256, 256, 256, 256], norm: RESNET_NORM };

/**
 * From the features of each region `[regions, C, side, side]` to those that boxes are predicted from, `[regions, width]`.
 *
 * @param occupancy of the regions in training; null: all of them count
 */
export type BoxHead = (net: Network, features: Value, occupancy: Occupancy | null) => Value;

/** torchvision's TwoMLPHead. */
export const twoLinearLayers: BoxHead = (net, features) => {
  const { g } = net;
  const first = net.module('fc6', () => relu(g, linear(net, flattened(g, features), REPRESENTATION_SIZE)));
  return net.module('fc7', () => relu(g, linear(net, first, REPRESENTATION_SIZE)));
};

/** torchvision's FastRCNNConvFCHead: convolutions `0` to `3` with norms, and a linear layer behind their flattening `4`. */
export const fourConvolutions: BoxHead = (net, features, occupancy) => {
  const { g } = net;
  const filtered = regionConvolutions(net, features, CONVOLUTIONS, occupancy);
  return net.module(CONVOLUTIONS.channels.length + 1, () =>
    relu(g, linear(net, flattened(g, filtered), REPRESENTATION_SIZE)),
  );
};

function flattened(g: Graph, features: Value): Value {
  const shape = staticShape('the features', features.shape);
  return reshape(g, features, [at(shape, 0), elementCount(shape.slice(1))]);
}

export interface BoxPredictions {
  /** `[regions, classes]` */
  readonly logits: Value;
  /** `[regions, classes, 4]` */
  readonly codes: Value;
}

/** The class of each region and, for each class, the codes of its box. */
export function boxPredictions(
  net: Network,
  regionMaps: RegionMaps,
  boxes: Value,
  { head, numClasses, occupancy }: { head: BoxHead; numClasses: number; occupancy: Occupancy | null },
): BoxPredictions {
  const { g } = net;
  const features = net.module('box_roi_pool', () => regionFeatures(g, regionMaps, boxes, BOX_GRID));
  const hidden = net.module('box_head', () => head(net, features, occupancy));
  return net.module('box_predictor', () => {
    const logits = net.module('cls_score', () => linear(net, hidden, numClasses));
    const codes = net.module('bbox_pred', () => linear(net, hidden, 4 * numClasses));
    return { logits, codes: reshape(g, codes, [Number(at(features.shape, 0)), numClasses, 4]) };
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
  const regression = codeLoss(g, own, byRegion(wanted, [4]), byRegion(sample.positive, [1]));
  return { classification: div(g, classification, sampled), regression: div(g, regression, sampled) };
}
