import type { Value } from '../../../graph/node.js';
import { mul, relu, reshape, sigmoid, sqrt } from '../../../graph/ops.js';
import { at, staticShape } from '../../../graph/tensor.js';
import type { AnchorOptions } from '../../../nn/anchors.js';
import { decodeDistances } from '../../../nn/boxes.js';
import { perBox } from '../../../nn/head-outputs.js';
import type { Network } from '../../../nn/network.js';
import type { HeadOutputs, TowerOptions } from '../one-stage/head.js';
import { prediction, tower } from '../one-stage/head.js';
import { oneStageDetector } from '../one-stage/one-stage.js';
import type { Decoding, PairOptions } from '../one-stage/pair-detections.js';
import { byShapeAndClass } from '../one-stage/pair-detections.js';
import { fcosLosses } from './fcos-losses.js';

/** One square a position, as large as the stride of its map: torchvision's way of telling where and how large positions are. */
const ANCHORS: AnchorOptions = { sizes: [[8], [16], [32], [64], [128]], aspectRatios: [1] };

const POSTPROCESSING: PairOptions = {
  scoreThreshold: 0.2,
  overlapThreshold: 0.6,
  pairsPerMap: 1000,
  detectionsPerImage: 100,
};

const DECODING: Decoding = {
  // sqrt(probability of the class * centerness)
  ranksOf: (g, { logits, centerness }, map, numClasses) => {
    const probabilities = sigmoid(g, byShapeAndClass(g, at(logits, map), numClasses));
    const near = at(centerness ?? [], map);
    const [images = 0, positions = 0] = staticShape('the centerness', near.shape);
    return sqrt(g, mul(g, probabilities, reshape(g, sigmoid(g, near), [images, 1, 1, positions])));
  },
  scoresOf: (_, ranks) => ranks,
  boxesOf: decodeDistances,
};

const TOWER: TowerOptions = {
  // Convolution, norm and activation are layers of one sequence.
  names: (layer) => ({ conv: `${3 * layer}`, norm: `${3 * layer + 1}` }),
  bias: true,
  norm: true,
};

function heads(net: Network, maps: readonly Value[], numClasses: number): HeadOutputs {
  const { g } = net;
  const logits = net.module('classification_head', () => {
    const layers = tower(net, TOWER);
    const predicted = net.module('cls_logits', () => prediction(net, numClasses));
    return maps.map((map) => predicted(layers(map)));
  });
  return net.module('regression_head', () => {
    const layers = tower(net, TOWER);
    const distances = net.module('bbox_reg', () => prediction(net, 4));
    const nearness = net.module('bbox_ctrness', () => prediction(net, 1));
    const features = maps.map(layers);
    return {
      logits,
      codes: features.map((map) => perBox(g, relu(g, distances(map)), 4)),
      centerness: features.map((map) => {
        const [images = 0] = staticShape('the features', map.shape);
        return reshape(g, nearness(map), [images, -1]);
      }),
    };
  });
}

/** FCOS (Tian et al. 2019): boxes as distances from every position, without anchors of several shapes. */
export const fcosResNet50Fpn = oneStageDetector({
  name: 'fcos_resnet50_fpn',
  backbone: { norm: 'frozen', pyramidNorm: false, firstStage: 1, extra: 'p6p7_of_pyramid' },
  anchors: ANCHORS,
  heads,
  losses: fcosLosses,
  decoding: DECODING,
  postprocessing: POSTPROCESSING,
  trainedCounts: { candidatesPerImage: 200, detectionsPerImage: 20 },
});
