import type { Value } from '../../../graph/node.js';
import { mul, perChannel, relu } from '../../../graph/ops.js';
import { at } from '../../../graph/tensor.js';
import type { ConvOptions } from '../../../nn/layers.js';
import { conv2d, maxPool2d } from '../../../nn/layers.js';
import { l2Normalize } from '../../../nn/l2-normalize.js';
import type { Network } from '../../../nn/network.js';
import { trainableLayers } from '../../backbones/trainable-layers.js';
import { VGG16, vggBlock, vggFeatures, vggPool } from '../../backbones/vgg.js';
import type { NetworkOptions } from '../../description.js';
import { ssd } from './ssd.js';

/** The blocks up to the first feature map, conv4_3, and the one behind it. */
const [CONV1, CONV2, CONV3, CONV4, CONV5] = VGG16;
const LAST_BLOCK = VGG16.length - 1;

/** 1x1 to `squeezed` channels, then 3x3 to `outChannels`. */
interface ExtraBlock {
  readonly squeezed: number;
  readonly outChannels: number;
  /** How the 3x3 convolution makes the map smaller. */
  readonly window: { readonly stride: 2 } | { readonly pad: 0 };
}

/** conv8 to conv11, of figure 2. */
const EXTRA_BLOCKS: readonly ExtraBlock[] = [
  { squeezed: 256, outChannels: 512, window: { stride: 2 } },
  { squeezed: 128, outChannels: 256, window: { stride: 2 } },
  { squeezed: 128, outChannels: 256, window: { pad: 0 } },
  { squeezed: 128, outChannels: 256, window: { pad: 0 } },
];

/** fc6 and fc7: VGG's linear layers as convolutions, of which a share of the weights is kept (section 3). */
const FULLY_CONNECTED_CHANNELS = 1024;

function convRelu(net: Network, x: Value, layer: number, options: Omit<ConvOptions, 'bias'>): Value {
  return relu(
    net.g,
    net.module(layer, () => conv2d(net, x, { ...options, bias: true })),
  );
}

/** pool5 without a stride, and fc6 and fc7, the former dilated to see as much as it would have seen with one. */
function fullyConnected(net: Network, x: Value): Value {
  const pooled = net.module(0, () => maxPool2d(net.g, x, { kernel: 3, stride: 1, pad: 1 }));
  const fc6 = convRelu(net, pooled, 1, { outChannels: FULLY_CONNECTED_CHANNELS, kernel: 3, dilation: 6 });
  return convRelu(net, fc6, 3, { outChannels: FULLY_CONNECTED_CHANNELS, kernel: 1 });
}

function featureMaps(net: Network, images: Value, options: NetworkOptions): readonly Value[] {
  const { g } = net;
  const firstTraining = VGG16.length - trainableLayers(options, VGG16.length);
  const trains = (block: number): boolean => block >= firstTraining;
  const scale = net.parameter('scale_weight', [at(CONV4, -1)]);
  const { map: conv4 } = net.module('features', () =>
    vggFeatures(net, images, [CONV1, CONV2, CONV3, CONV4], { trains, ceilMode: true }),
  );
  // Features of the fourth block are larger than those that follow; the network learns how large they are to be.
  const first = mul(g, l2Normalize(g, conv4), perChannel(g, scale));
  return net.module('extra', () => {
    const fc7 = net.module(0, () => {
      const conv5 = vggBlock(net, vggPool(net, conv4, 0, false), CONV5, 1, trains(LAST_BLOCK));
      return net.module(7, () => fullyConnected(net, conv5));
    });
    const maps = [first, fc7];
    let x = fc7;
    EXTRA_BLOCKS.forEach(({ squeezed, outChannels, window }, index) => {
      x = net.module(index + 1, () =>
        convRelu(net, convRelu(net, x, 0, { outChannels: squeezed, kernel: 1 }), 2, {
          outChannels,
          kernel: 3,
          ...window,
        }),
      );
      maps.push(x);
    });
    return maps;
  });
}

/** SSD on VGG-16 at 300x300 (Liu et al. 2016, figure 2). */
export const ssd300Vgg16 = ssd({
  name: 'ssd300_vgg16',
  imageSize: [300, 300],
  imageMean: [0.48235, 0.45882, 0.40784],
  // The network was trained on values from 0 to 255.
  imageStd: [1 / 255, 1 / 255, 1 / 255],
  backboneLayers: VGG16.length,
  trainableBackboneLayers: 4,
  variantsDiffer: false,
  featureMaps,
  defaultBoxes: {
    aspectRatios: [[2], [2, 3], [2, 3], [2, 3], [2], [2]],
    scales: [0.07, 0.15, 0.33, 0.51, 0.69, 0.87, 1.05],
    steps: [8, 16, 32, 64, 100, 300],
  },
  predict: (net, map, outChannels) => conv2d(net, map, { outChannels, kernel: 3, bias: true }),
  postprocessing: {
    scoreThreshold: 0.01,
    overlapThreshold: 0.45,
    candidatesPerClass: 400,
    detectionsPerImage: 200,
  },
  candidatesPerImage: 2000,
});
