import type { Value } from '../../graph/node.js';
import { add, relu } from '../../graph/ops.js';
import { at } from '../../graph/tensor.js';
import type { NormKind } from '../../nn/conv-norm.js';
import { convNorm } from '../../nn/conv-norm.js';
import { channelsOf, maxPool2d } from '../../nn/layers.js';
import type { Network } from '../../nn/network.js';

const STEM_CHANNELS = 64;

/** Of the maps of the four stages, where none is dilated. */
export const RESNET_STRIDES = [4, 8, 16, 32] as const;

export const RESNET_NORM = { epsilon: 1e-5, momentum: 0.1 };

/** Channels that leave a block, for each that its 3x3 convolutions have. */
const EXPANSION = { basic: 1, bottleneck: 4 } as const;

type Block = keyof typeof EXPANSION;

/** Table 1 of "Deep residual learning" (He et al. 2015). */
export interface ResNetConfig {
  readonly block: Block;
  /** Blocks of each of the four stages. */
  readonly blocks: readonly [number, number, number, number];
}

export const RESNET18: ResNetConfig = { block: 'basic', blocks: [2, 2, 2, 2] };
export const RESNET34: ResNetConfig = { block: 'basic', blocks: [3, 4, 6, 3] };
export const RESNET50: ResNetConfig = { block: 'bottleneck', blocks: [3, 4, 6, 3] };
export const RESNET101: ResNetConfig = { block: 'bottleneck', blocks: [3, 4, 23, 3] };

export interface ResNetOptions {
  readonly norm: NormKind;
  /** Whether each part trains: the stem, then the four stages. */
  readonly trains: readonly [boolean, boolean, boolean, boolean, boolean];
  /** Whether the last two stages keep the size and dilate their kernels instead, for segmentation. */
  readonly dilated: boolean;
}

interface BlockOptions {
  readonly width: number;
  readonly stride: number;
  readonly dilation: number;
  readonly norm: NormKind;
  readonly trains: boolean;
}

type Layer = (index: number, x: Value, outChannels: number, kernel: number, strided?: boolean) => Value;

/** The layers of one kind of block before its shortcut is added. */
const BODIES: Record<Block, (net: Network, x: Value, width: number, layer: Layer) => Value> = {
  basic: ({ g }, x, width, layer) => layer(2, relu(g, layer(1, x, width, 3, true)), width, 3),
  // torchvision puts the stride into the 3x3 convolution.
  bottleneck: ({ g }, x, width, layer) =>
    layer(3, relu(g, layer(2, relu(g, layer(1, x, width, 1)), width, 3, true)), width * EXPANSION.bottleneck, 1),
};

/** A residual block; its shortcut is projected where sizes differ. */
function residualBlock(
  net: Network,
  x: Value,
  block: Block,
  { width, stride, dilation, norm, trains }: BlockOptions,
): Value {
  const outChannels = width * EXPANSION[block];
  const layer: Layer = (index, input, channels, kernel, strided = false) =>
    convNorm(
      net,
      input,
      { conv: `conv${index}`, norm: `bn${index}` },
      {
        outChannels: channels,
        kernel,
        stride: strided ? stride : 1,
        dilation: kernel === 1 ? 1 : dilation,
        trains,
      },
      norm,
    );
  const result = BODIES[block](net, x, width, layer);
  const shortcut =
    stride === 1 && channelsOf(x) === outChannels
      ? x
      : net.module('downsample', () =>
          convNorm(net, x, { conv: 0, norm: 1 }, { outChannels, kernel: 1, stride, trains }, norm),
        );
  return relu(net.g, add(net.g, result, shortcut));
}

/**
 * ResNet without its classifier (He et al. 2015; torchvision's): the maps of the four stages, at strides 4, 8, 16 and 32,
 * or 4, 8, 8 and 8 where it is dilated (Yu et al. 2017, section 2).
 */
export function resNet(
  net: Network,
  images: Value,
  { block, blocks }: ResNetConfig,
  { norm, trains, dilated }: ResNetOptions,
): readonly [Value, Value, Value, Value] {
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
  const stage = (index: 0 | 1 | 2 | 3): Value =>
    net.module(`layer${index + 1}`, () => {
      const keepsSize = index === 0 || (dilated && index >= 2);
      const dilations = dilated ? DILATIONS[index] : ([1, 1] as const);
      for (let place = 0; place < blocks[index]; place++) {
        x = net.module(place, () =>
          residualBlock(net, x, block, {
            width: STEM_CHANNELS * 2 ** index,
            stride: place === 0 && !keepsSize ? 2 : 1,
            dilation: at(dilations, Math.min(place, 1)),
            norm,
            trains: trains[index + 1] ?? true,
          }),
        );
      }
      return x;
    });
  return [stage(0), stage(1), stage(2), stage(3)];
}

/** Of the first block of each dilated stage, and of the others: a stage's first block still sees what the one before gave. */
const DILATIONS = [
  [1, 1],
  [1, 1],
  [1, 2],
  [2, 4],
] as const;
