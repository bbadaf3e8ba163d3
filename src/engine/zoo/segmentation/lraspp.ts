import type { Value } from '../../graph/node.js';
import { add, mul, reduceMean, sigmoid } from '../../graph/ops.js';
import { convNormActivation } from '../../nn/conv-norm.js';
import { interpolateBilinear, spatialSizeOf } from '../../nn/interpolation.js';
import { conv2d } from '../../nn/layers.js';
import type { Network } from '../../nn/network.js';
import type { SegmentationMaps } from './dilated-backbones.js';
import { dilatedMobileNetV3Large } from './dilated-backbones.js';
import { HEAD_NORM } from './fcn.js';
import { segmenter } from './segmenter.js';

/** Channels of the head's features. */
const CHANNELS = 128;

/**
 * The head of lite reduced atrous spatial pyramid pooling: features of the last map, weighted by channel from the means
 * of that map, are enlarged to the earlier one; scores are sums of those of both.
 */
function liteHead(net: Network, { early, last }: SegmentationMaps, numClasses: number): Value {
  const { g } = net;
  const features = net.module('cbr', () =>
    convNormActivation(net, last, { outChannels: CHANNELS, kernel: 1, norm: HEAD_NORM, activation: 'relu' }),
  );
  const weights = net.module('scale', () =>
    net.module(1, () =>
      conv2d(net, reduceMean(g, last, [2, 3], true), { outChannels: CHANNELS, kernel: 1, bias: false }),
    ),
  );
  const weighted = mul(g, features, sigmoid(g, weights));
  const scores = (name: string, map: Value): Value =>
    net.module(name, () => conv2d(net, map, { outChannels: numClasses, kernel: 1, bias: true }));
  const enlarged = interpolateBilinear(g, weighted, spatialSizeOf(early));
  return add(g, scores('low_classifier', early), scores('high_classifier', enlarged));
}

/** LR-ASPP on MobileNetV3 (Howard et al. 2019, section 6.4). */
export const lrasppMobileNetV3Large = segmenter({
  name: 'lraspp_mobilenet_v3_large',
  auxiliary: false,
  scores: (net, images, { numClasses }) => {
    const maps = dilatedMobileNetV3Large(net, images);
    return { out: net.module('classifier', () => liteHead(net, maps, numClasses)), aux: null };
  },
});
