import type { Value } from '../../../graph/node.js';
import { sigmoid } from '../../../graph/ops.js';
import { at } from '../../../graph/tensor.js';
import type { AnchorOptions } from '../../../nn/anchors.js';
import { decodeBoxes } from '../../../nn/boxes.js';
import { perBox } from '../../../nn/head-outputs.js';
import type { Network } from '../../../nn/network.js';
import type { ResNetFpnOptions } from '../../backbones/resnet-fpn.js';
import type { HeadOutputs, TowerOptions } from '../one-stage/head.js';
import { prediction, tower } from '../one-stage/head.js';
import { oneStageDetector } from '../one-stage/one-stage.js';
import type { Decoding, PairOptions } from '../one-stage/pair-detections.js';
import { byShapeAndClass } from '../one-stage/pair-detections.js';
import type { BoxLoss } from './retinanet-losses.js';
import { RETINANET_CODE_WEIGHTS, generalizedIouBoxLoss, l1BoxLoss, retinaNetLosses } from './retinanet-losses.js';

/** Three sizes an octave, in whole pixels (Lin et al. 2018, section 4). */
const ANCHORS: AnchorOptions = {
  sizes: [32, 64, 128, 256, 512].map((size) => [0, 1, 2].map((third) => Math.floor(size * 2 ** (third / 3)))),
  aspectRatios: [0.5, 1, 2],
};
const SHAPES = 9;

const POSTPROCESSING: PairOptions = {
  scoreThreshold: 0.05,
  overlapThreshold: 0.5,
  pairsPerMap: 1000,
  detectionsPerImage: 300,
};

const DECODING: Decoding = {
  // The sigmoid keeps the order, so only the scores of the best are computed.
  ranksOf: (g, { logits }, map, numClasses) => byShapeAndClass(g, at(logits, map), numClasses),
  scoresOf: sigmoid,
  boxesOf: (g, codes, anchors) => decodeBoxes(g, codes, anchors, RETINANET_CODE_WEIGHTS),
};

function heads(net: Network, maps: readonly Value[], numClasses: number, norm: boolean): HeadOutputs {
  const options: TowerOptions = {
    names: (layer) => ({ conv: `${layer}.0`, norm: `${layer}.1` }),
    bias: !norm,
    norm,
  };
  const head = (name: string, predictor: string, columns: number): readonly Value[] =>
    net.module(name, () => {
      const layers = tower(net, options);
      const predicted = net.module(predictor, () => prediction(net, SHAPES * columns));
      return maps.map((map) => predicted(layers(map)));
    });
  const logits = head('classification_head', 'cls_logits', numClasses);
  const codes = head('regression_head', 'bbox_reg', 4).map((map) => perBox(net.g, map, 4));
  return { logits, codes, centerness: null };
}

interface RetinaNetConfig {
  readonly name: string;
  readonly backbone: ResNetFpnOptions;
  /** Whether the heads have group norms. */
  readonly norm: boolean;
  readonly boxLoss: BoxLoss;
}

function retinaNet({ name, backbone, norm, boxLoss }: RetinaNetConfig) {
  return oneStageDetector({
    name,
    backbone,
    anchors: ANCHORS,
    heads: (net, maps, numClasses) => heads(net, maps, numClasses, norm),
    losses: (g, outputs, anchors, objects, numClasses) =>
      retinaNetLosses(g, outputs, anchors, objects, numClasses, boxLoss),
    decoding: DECODING,
    postprocessing: POSTPROCESSING,
    trainedCounts: { candidatesPerImage: 1000, detectionsPerImage: 100 },
  });
}

/** RetinaNet (Lin et al. 2018) with a feature pyramid on ResNet-50. */
export const retinaNetResNet50Fpn = retinaNet({
  name: 'retinanet_resnet50_fpn',
  backbone: { norm: 'frozen', pyramidNorm: false, firstStage: 1, extra: 'p6p7_of_pyramid' },
  norm: false,
  boxLoss: l1BoxLoss,
});

/** The same with the improvements of Zhang et al. 2020, section 3.1: group norms in the heads, a loss of overlap. */
export const retinaNetResNet50FpnV2 = retinaNet({
  name: 'retinanet_resnet50_fpn_v2',
  backbone: { norm: 'live', pyramidNorm: false, firstStage: 1, extra: 'p6p7_of_backbone' },
  norm: true,
  boxLoss: generalizedIouBoxLoss,
});
