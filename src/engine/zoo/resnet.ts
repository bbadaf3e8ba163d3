import type { Value } from '../graph/node.js';
import { add, relu } from '../graph/ops.js';
import type { NormKind } from '../nn/conv-norm.js';
import { convNorm } from '../nn/conv-norm.js';
import { channelsOf, maxPool2d } from '../nn/layers.js';
import type { Network } from '../nn/network.js';

const STEM_CHANNELS = 64;
/** Channels that leave a bottleneck, for each that its 3x3 convolution has. */
const EXPANSION = 4;

export interface ResNetOptions {
  readonly norm: NormKind;
  /** Whether each part trains: the stem, then the four stages. */
  readonly trains: readonly [boolean, boolean, boolean, boolean, boolean];
}

interface BottleneckOptions {
  readonly width: number;
  readonly stride: number;
  readonly norm: NormKind;
  readonly trains: boolean;
}

/** 1x1, 3x3 (which takes the stride), 1x1, and the shortcut, which is projected where sizes differ. */
function bottleneck(net: Network, x: Value, { width, stride, norm, trains }: BottleneckOptions): Value {
  const outChannels = width * EXPANSION;
  const layer = (index: number, input: Value, channels: number, kernel: number, step = 1): Value =>
    convNorm(
      net,
      input,
      { conv: `conv${index}`, norm: `bn${index}` },
      { outChannels: channels, kernel, stride: step, trains },
      norm,
    );
  const squeezed = relu(net.g, layer(1, x, width, 1));
  const filtered = relu(net.g, layer(2, squeezed, width, 3, stride));
  const expanded = layer(3, filtered, outChannels, 1);
  const shortcut =
    stride === 1 && channelsOf(x) === outChannels
      ? x
      : net.module('downsample', () =>
          convNorm(net, x, { conv: 0, norm: 1 }, { outChannels, kernel: 1, stride, trains }, norm),
        );
  return relu(net.g, add(net.g, expanded, shortcut));
}

/**
 * ResNet-50 without its classifier (He et al. 2015; torchvision's, with strides in the 3x3 convolutions): the maps of the
 * four stages, at strides 4, 8, 16 and 32.
 */
export function resNet50(net: Network, images: Value, { norm, trains }: ResNetOptions): readonly Value[] {
  const stem = relu(
    net.g,
    convNorm(
      net,
      images,
      { conv: 'conv1', norm: 'bn1' },
      { outChannels: STEM_CHANNELS, kernel: 7, stride: 2, trains: trains[0] },
      norm,
    ),
  );
  let x = net.module('maxpool', () => maxPool2d(net.g, stem, { kernel: 3, stride: 2, pad: 1 }));
  return [3, 4, 6, 3].map((blocks, stage) =>
    net.module(`layer${stage + 1}`, () => {
      for (let block = 0; block < blocks; block++) {
        x = net.module(block, () =>
          bottleneck(net, x, {
            width: STEM_CHANNELS * 2 ** stage,
            stride: block === 0 && stage > 0 ? 2 : 1,
            norm,
            trains: trains[stage + 1] ?? true,
          }),
        );
      }
      return x;
    }),
  );
}
