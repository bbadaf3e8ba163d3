import type { Value } from '../../graph/node.js';
import { hardSwish, reduceMean } from '../../graph/ops.js';
import { at } from '../../graph/tensor.js';
import { dropout, linear } from '../../nn/layers.js';
import type { Network } from '../../nn/network.js';
import type { Classifier } from '../architecture.js';
import { mobileNetV2Features } from '../backbones/mobilenet-v2.js';
import type { BottleneckConfig } from '../backbones/mobilenet-v3.js';
import {
  MOBILENET_V3_NORM,
  MOBILENET_V3_SMALL,
  WHOLE_TAIL,
  mobileNetV3Features,
  mobileNetV3Large,
} from '../backbones/mobilenet-v3.js';
import { classifier } from './classifier.js';

const DROPOUT = 0.2;

const channelMeans = (net: Network, x: Value): Value => reduceMean(net.g, x, [2, 3]);

/** MobileNetV2: a linear layer of the channels' means (Sandler et al. 2018). */
const mobileNetV2 = classifier({
  name: 'mobilenet_v2',
  smallestImageSide: 1,
  logits: (net, images, numClasses) => {
    const means = channelMeans(
      net,
      net.module('features', () => mobileNetV2Features(net, images)),
    );
    return net.module('classifier.1', () => linear(net, dropout(net, means, DROPOUT), numClasses));
  },
});

/**
 * MobileNetV3: two linear layers of the channels' means (Howard et al. 2019).
 *
 * @param hiddenChannels between the two
 */
function mobileNetV3(name: string, rows: readonly BottleneckConfig[], hiddenChannels: number): Classifier {
  return classifier({
    name,
    smallestImageSide: 1,
    logits: (net, images, numClasses) => {
      const norm = { ...MOBILENET_V3_NORM, kind: 'live' } as const;
      const features = net.module('features', () =>
        mobileNetV3Features(net, images, rows, { norm, trains: () => true }),
      );
      const hidden = net.module('classifier.0', () => linear(net, channelMeans(net, at(features, -1)), hiddenChannels));
      const kept = net.module('classifier.2', () => dropout(net, hardSwish(net.g, hidden), DROPOUT));
      return net.module('classifier.3', () => linear(net, kept, numClasses));
    },
  });
}

export const mobileNetClassifiers: readonly Classifier[] = [
  mobileNetV2,
  mobileNetV3('mobilenet_v3_small', MOBILENET_V3_SMALL, 1024),
  mobileNetV3('mobilenet_v3_large', mobileNetV3Large(WHOLE_TAIL), 1280),
];
