import type { Value } from '../../graph/node.js';
import { concat, reduceMean } from '../../graph/ops.js';
import { convNorm, convNormActivation } from '../../nn/conv-norm.js';
import { interpolateBilinear, spatialSizeOf } from '../../nn/interpolation.js';
import { activate, conv2d, dropout } from '../../nn/layers.js';
import type { Network } from '../../nn/network.js';
import type { Segmenter } from '../architecture.js';
import { RESNET101, RESNET50 } from '../backbones/resnet.js';
import type { SegmentationBackbone } from './dilated-backbones.js';
import { dilatedMobileNetV3Large, dilatedResNet } from './dilated-backbones.js';
import { HEAD_NORM, auxiliaryScores } from './fcn.js';
import { segmenter } from './segmenter.js';

/** Dilations of the pyramid's 3x3 convolutions, at an output stride of 8. */
const RATES = [12, 24, 36] as const;
/** Channels of each branch of the pyramid, and of what follows it. */
const CHANNELS = 256;
const DROPOUT = 0.5;

/**
 * Atrous spatial pyramid pooling (Chen et al. 2017, section 3.3): a 1x1 convolution, dilated 3x3 convolutions and the
 * features of the whole image side by side, then a 1x1 convolution of all of them.
 */
function atrousPyramid(net: Network, map: Value): Value {
  const { g } = net;
  const layer = { outChannels: CHANNELS, norm: HEAD_NORM, activation: 'relu' } as const;
  const joined = net.module('convs', () => {
    const point = net.module(0, () => convNormActivation(net, map, { ...layer, kernel: 1 }));
    const dilated = RATES.map((dilation, index) =>
      net.module(index + 1, () => convNormActivation(net, map, { ...layer, kernel: 3, dilation })),
    );
    const whole = net.module(RATES.length + 1, () => imageFeatures(net, map));
    return concat(g, [point, ...dilated, whole], 1);
  });
  const projected = net.module('project', () => convNormActivation(net, joined, { ...layer, kernel: 1 }));
  return dropout(net, projected, DROPOUT);
}

/** Features of the whole map at each of its places. Its norm sees one value an image. */
function imageFeatures(net: Network, map: Value): Value {
  const means = reduceMean(net.g, map, [2, 3], true);
  const normalized = convNorm(net, means, { conv: 1, norm: 2 }, { outChannels: CHANNELS, kernel: 1 }, HEAD_NORM);
  return interpolateBilinear(net.g, activate(net.g, normalized, 'relu'), spatialSizeOf(map));
}

/** torchvision's DeepLabHead: the pyramid, a 3x3 convolution, and a 1x1 one to the classes. */
function deepLabHead(net: Network, map: Value, numClasses: number): Value {
  const pyramid = net.module(0, () => atrousPyramid(net, map));
  const names = { conv: 1, norm: 2 };
  const mixed = convNorm(net, pyramid, names, { outChannels: CHANNELS, kernel: 3 }, HEAD_NORM);
  const features = activate(net.g, mixed, 'relu');
  return net.module(4, () => conv2d(net, features, { outChannels: numClasses, kernel: 1, bias: true }));
}

/** DeepLabV3 (Chen et al. 2017). Training takes at least two images: one alone leaves a norm a single value. */
function deepLabV3(name: string, backbone: SegmentationBackbone): Segmenter {
  return segmenter({
    name,
    auxiliary: true,
    scores: (net, images, options) => {
      const { early, last } = backbone(net, images);
      const out = net.module('classifier', () => deepLabHead(net, last, options.numClasses));
      return { out, aux: auxiliaryScores(net, early, options) };
    },
  });
}

export const deepLabV3Segmenters: readonly Segmenter[] = [
  deepLabV3('deeplabv3_resnet50', dilatedResNet(RESNET50)),
  deepLabV3('deeplabv3_resnet101', dilatedResNet(RESNET101)),
  deepLabV3('deeplabv3_mobilenet_v3_large', dilatedMobileNetV3Large),
];
