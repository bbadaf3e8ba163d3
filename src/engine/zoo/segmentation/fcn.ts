import type { Value } from '../../graph/node.js';
import type { NormKind } from '../../nn/conv-norm.js';
import { convNormActivation } from '../../nn/conv-norm.js';
import { channelsOf, conv2d, dropout } from '../../nn/layers.js';
import type { Network } from '../../nn/network.js';
import type { Segmenter } from '../architecture.js';
import type { ResNetConfig } from '../backbones/resnet.js';
import { RESNET101, RESNET50 } from '../backbones/resnet.js';
import type { NetworkOptions } from '../description.js';
import { dilatedResNet } from './dilated-backbones.js';
import { segmenter } from './segmenter.js';

const DROPOUT = 0.1;

/** Of the heads, whatever the backbone's. */
export const HEAD_NORM: NormKind = { kind: 'live', epsilon: 1e-5, momentum: 0.1 };

/** torchvision's FCNHead: a 3x3 convolution to a quarter of the channels, and a 1x1 one to the classes. */
function fcnHead(net: Network, map: Value, numClasses: number): Value {
  const outChannels = channelsOf(map) / 4;
  const features = convNormActivation(net, map, { outChannels, kernel: 3, norm: HEAD_NORM, activation: 'relu' });
  return net.module(4, () =>
    conv2d(net, dropout(net, features, DROPOUT), { outChannels: numClasses, kernel: 1, bias: true }),
  );
}

/** The second classifier, on an earlier map, where it is asked for. */
export function auxiliaryScores(net: Network, early: Value, { auxLoss, numClasses }: NetworkOptions): Value | null {
  return auxLoss ? net.module('aux_classifier', () => fcnHead(net, early, numClasses)) : null;
}

/** Fully convolutional network (Long et al. 2015), in torchvision's form: a head on the last map of a dilated ResNet. */
function fcn(name: string, config: ResNetConfig): Segmenter {
  const backbone = dilatedResNet(config);
  return segmenter({
    name,
    auxiliary: true,
    scores: (net, images, options) => {
      const { early, last } = backbone(net, images);
      const out = net.module('classifier', () => fcnHead(net, last, options.numClasses));
      return { out, aux: auxiliaryScores(net, early, options) };
    },
  });
}

export const fcnSegmenters: readonly Segmenter[] = [fcn('fcn_resnet50', RESNET50), fcn('fcn_resnet101', RESNET101)];
