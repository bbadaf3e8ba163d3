import type { Value } from '../../../graph/node.js';
import { at } from '../../../graph/tensor.js';
import { evenScales } from '../../../nn/default-boxes.js';
import type { NormKind } from '../../../nn/conv-norm.js';
import { convNormActivation } from '../../../nn/conv-norm.js';
import type { Activation } from '../../../nn/layers.js';
import { channelsOf, conv2d } from '../../../nn/layers.js';
import type { Network } from '../../../nn/network.js';
import { trainableLayers } from '../../backbones/trainable-layers.js';
import type { NetworkOptions } from '../../description.js';
import type { BlockOptions } from '../../backbones/mobilenet-v3.js';
import {
  afterExpansion,
  expansion,
  invertedResidual,
  lastConvolution,
  mobileNetV3Large,
  stageStarts,
  stem,
} from '../../backbones/mobilenet-v3.js';
import { ssd } from './ssd.js';

const NORM: NormKind = { kind: 'live', epsilon: 0.001, momentum: 0.03 };
const EXTRA_CHANNELS = [512, 256, 256, 128];
/** Two of the backbone, and the extra ones. */
const FEATURE_MAPS = 2 + EXTRA_CHANNELS.length;

/** Parts of the backbone that `trainableBackboneLayers` counts. */
const BACKBONE_STAGES = 6;
/** The block whose expansion gives the first feature map. */
const C4_BLOCK = 13;

/** MobileNetV3-Large up to its last 1x1 convolution, divided where the first feature map is taken: strides 16 and 32. */
function backbone(net: Network, images: Value, options: NetworkOptions): readonly [Value, Value] {
  const bottlenecks = mobileNetV3Large({ reduced: options.weightsBackbone === 'none', dilated: false });
  const firstTraining =
    stageStarts(bottlenecks)[BACKBONE_STAGES - trainableLayers(options, BACKBONE_STAGES)] ?? Infinity;
  const block = (index: number): BlockOptions => ({ norm: NORM, trains: index >= firstTraining });
  const c4 = at(bottlenecks, C4_BLOCK - 1);
  let inChannels = 0;
  const first = net.module(0, () => {
    let x = net.module(0, () => stem(net, images, block(0)));
    bottlenecks.slice(0, C4_BLOCK - 1).forEach((config, index) => {
      x = net.module(index + 1, () => invertedResidual(net, x, config, block(index + 1)));
    });
    inChannels = channelsOf(x);
    return net.module(C4_BLOCK, () => expansion(net, x, c4, block(C4_BLOCK)));
  });
  const second = net.module(1, () => {
    let x = net.module(0, () => afterExpansion(net, first, inChannels, c4, block(C4_BLOCK)));
    const rest = bottlenecks.slice(C4_BLOCK);
    rest.forEach((config, index) => {
      x = net.module(index + 1, () => invertedResidual(net, x, config, block(C4_BLOCK + index + 1)));
    });
    return net.module(rest.length + 1, () => lastConvolution(net, x, block(bottlenecks.length + 1)));
  });
  return [first, second];
}

/** A further, smaller feature map: 1x1 to half the channels, 3x3 depthwise with stride 2, 1x1. */
function extraBlock(net: Network, x: Value, outChannels: number): Value {
  const half = outChannels / 2;
  const layer = { norm: NORM, activation: 'relu6' as Activation };
  const squeezed = net.module(0, () => convNormActivation(net, x, { ...layer, outChannels: half, kernel: 1 }));
  const halved = net.module(1, () =>
    convNormActivation(net, squeezed, { ...layer, outChannels: half, kernel: 3, stride: 2, groups: half }),
  );
  return net.module(2, () => convNormActivation(net, halved, { ...layer, outChannels, kernel: 1 }));
}

/** For one feature map: 3x3 depthwise, then 1x1 to `columns` numbers for each default box. */
function predictionBlock(net: Network, x: Value, outChannels: number): Value {
  const channels = channelsOf(x);
  const filtered = net.module(0, () =>
    convNormActivation(net, x, {
      outChannels: channels,
      kernel: 3,
      groups: channels,
      norm: NORM,
      activation: 'relu6',
    }),
  );
  return net.module(1, () => conv2d(net, filtered, { outChannels, kernel: 1, bias: true }));
}

function featureMaps(net: Network, images: Value, options: NetworkOptions): readonly Value[] {
  const maps: Value[] = [...net.module('features', () => backbone(net, images, options))];
  net.module('extra', () => {
    EXTRA_CHANNELS.forEach((channels, index) => {
      maps.push(net.module(index, () => extraBlock(net, at(maps, -1), channels)));
    });
  });
  return maps;
}

/** SSDlite: SSD with depthwise heads on MobileNetV3-Large (Howard et al. 2019; Sandler et al. 2018, section 6.2). */
export const ssdlite320MobileNetV3Large = ssd({
  name: 'ssdlite320_mobilenet_v3_large',
  imageSize: [320, 320],
  imageMean: [0.5, 0.5, 0.5],
  imageStd: [0.5, 0.5, 0.5],
  backboneLayers: BACKBONE_STAGES,
  trainableBackboneLayers: BACKBONE_STAGES,
  variantsDiffer: true,
  featureMaps,
  defaultBoxes: {
    aspectRatios: Array.from({ length: FEATURE_MAPS }, () => [2, 3]),
    scales: evenScales(FEATURE_MAPS, 0.2, 0.95),
    steps: null,
  },
  predict: predictionBlock,
  postprocessing: {
    scoreThreshold: 0.001,
    overlapThreshold: 0.55,
    candidatesPerClass: 300,
    detectionsPerImage: 300,
  },
  candidatesPerImage: 3000,
});
