import type { Value } from '../../graph/node.js';
import { add } from '../../graph/ops.js';
import type { NormKind } from '../../nn/conv-norm.js';
import { convNormActivation } from '../../nn/conv-norm.js';
import type { Activation } from '../../nn/layers.js';
import { channelsOf, squeezeExcitation } from '../../nn/layers.js';
import type { Network } from '../../nn/network.js';

/** One row of Tables 1 and 2 of "Searching for MobileNetV3" (Howard et al. 2019). */
export interface BottleneckConfig {
  readonly kernel: number;
  readonly expandedChannels: number;
  readonly outChannels: number;
  readonly squeezeExcitation: boolean;
  readonly activation: Activation;
  readonly stride: number;
  /** Above 1 it takes the place of the stride. */
  readonly dilation: number;
}

const row = (
  kernel: number,
  expandedChannels: number,
  outChannels: number,
  squeeze: boolean,
  activation: Activation,
  stride: number,
  dilation = 1,
): BottleneckConfig => ({
  kernel,
  expandedChannels,
  outChannels,
  squeezeExcitation: squeeze,
  activation,
  stride,
  dilation,
});

/** Channels that leave the first convolution. */
const STEM_CHANNELS = 16;

/** Of classifiers and segmentation networks. */
export const MOBILENET_V3_NORM = { epsilon: 0.001, momentum: 0.01 };

export interface TailOptions {
  /** Halves the channels of the last blocks, as for detection without pretraining. */
  readonly reduced: boolean;
  /** Dilates the last blocks instead of halving the size, for segmentation. */
  readonly dilated: boolean;
}

export const WHOLE_TAIL: TailOptions = { reduced: false, dilated: false };

/** Table 1. */
export function mobileNetV3Large({ reduced, dilated }: TailOptions): readonly BottleneckConfig[] {
  const divisor = reduced ? 2 : 1;
  const dilation = dilated ? 2 : 1;
  return [
    row(3, 16, 16, false, 'relu', 1),
    row(3, 64, 24, false, 'relu', 2),
    row(3, 72, 24, false, 'relu', 1),
    row(5, 72, 40, true, 'relu', 2),
    row(5, 120, 40, true, 'relu', 1),
    row(5, 120, 40, true, 'relu', 1),
    row(3, 240, 80, false, 'hard_swish', 2),
    row(3, 200, 80, false, 'hard_swish', 1),
    row(3, 184, 80, false, 'hard_swish', 1),
    row(3, 184, 80, false, 'hard_swish', 1),
    row(3, 480, 112, true, 'hard_swish', 1),
    row(3, 672, 112, true, 'hard_swish', 1),
    row(5, 672, 160 / divisor, true, 'hard_swish', 2, dilation),
    row(5, 960 / divisor, 160 / divisor, true, 'hard_swish', 1, dilation),
    row(5, 960 / divisor, 160 / divisor, true, 'hard_swish', 1, dilation),
  ];
}

/** Table 2. */
export const MOBILENET_V3_SMALL: readonly BottleneckConfig[] = [
  row(3, 16, 16, true, 'relu', 2),
  row(3, 72, 24, false, 'relu', 2),
  row(3, 88, 24, false, 'relu', 1),
  row(5, 96, 40, true, 'hard_swish', 2),
  row(5, 240, 40, true, 'hard_swish', 1),
  row(5, 240, 40, true, 'hard_swish', 1),
  row(5, 120, 48, true, 'hard_swish', 1),
  row(5, 144, 48, true, 'hard_swish', 1),
  row(5, 288, 96, true, 'hard_swish', 2),
  row(5, 576, 96, true, 'hard_swish', 1),
  row(5, 576, 96, true, 'hard_swish', 1),
];

/** The nearest multiple of 8, never more than 10 % below `channels`. */
function makeDivisible(channels: number): number {
  const rounded = Math.max(8, Math.floor((channels + 4) / 8) * 8);
  return rounded < 0.9 * channels ? rounded + 8 : rounded;
}

export interface BlockOptions {
  readonly norm: NormKind;
  readonly trains: boolean;
}

/** Index of each layer of a bottleneck within its `block`, after the expansion, where it has one. */
function layerIndices(
  config: BottleneckConfig,
  inChannels: number,
): Record<'depthwise' | 'squeeze' | 'project', number> {
  const depthwise = config.expandedChannels === inChannels ? 0 : 1;
  return { depthwise, squeeze: depthwise + 1, project: depthwise + (config.squeezeExcitation ? 2 : 1) };
}

/** First layer of a bottleneck, 1x1 to the expanded channels; it is layer 0 of the block. */
export function expansion(net: Network, x: Value, config: BottleneckConfig, { norm, trains }: BlockOptions): Value {
  return convNormActivation(net, x, {
    outChannels: config.expandedChannels,
    kernel: 1,
    norm,
    activation: config.activation,
    trains,
  });
}

/** The layers of a bottleneck after its expansion: depthwise convolution, squeeze-and-excitation, projection. */
export function afterExpansion(
  net: Network,
  expanded: Value,
  inChannels: number,
  config: BottleneckConfig,
  { norm, trains }: BlockOptions,
): Value {
  const indices = layerIndices(config, inChannels);
  const filtered = net.module(indices.depthwise, () =>
    convNormActivation(net, expanded, {
      outChannels: config.expandedChannels,
      kernel: config.kernel,
      stride: config.dilation > 1 ? 1 : config.stride,
      dilation: config.dilation,
      groups: config.expandedChannels,
      norm,
      activation: config.activation,
      trains,
    }),
  );
  const weighted = config.squeezeExcitation
    ? net.module(indices.squeeze, () =>
        squeezeExcitation(net, filtered, makeDivisible(Math.floor(config.expandedChannels / 4)), trains),
      )
    : filtered;
  return net.module(indices.project, () =>
    convNormActivation(net, weighted, { outChannels: config.outChannels, kernel: 1, norm, activation: 'none', trains }),
  );
}

/** An inverted residual block, with its shortcut where sizes allow. */
export function invertedResidual(net: Network, x: Value, config: BottleneckConfig, options: BlockOptions): Value {
  const inChannels = channelsOf(x);
  const result = net.module('block', () => {
    const expanded =
      config.expandedChannels === inChannels ? x : net.module(0, () => expansion(net, x, config, options));
    return afterExpansion(net, expanded, inChannels, config, options);
  });
  return config.stride === 1 && inChannels === config.outChannels ? add(net.g, result, x) : result;
}

/** Layers of `features` that begin a stage: the stem, the blocks that halve the size or dilate instead, the last 1x1. */
export function stageStarts(rows: readonly BottleneckConfig[]): readonly number[] {
  return [0, ...rows.flatMap(({ stride }, index) => (stride > 1 ? [index + 1] : [])), rows.length + 1];
}

/**
 * torchvision's `features`: the output of every layer, which are a 3x3 convolution, the bottlenecks, and a 1x1 convolution
 * to six times the channels.
 *
 * @param trains whether a layer trains, by its index
 */
export function mobileNetV3Features(
  net: Network,
  images: Value,
  rows: readonly BottleneckConfig[],
  { norm, trains }: { readonly norm: NormKind; readonly trains: (layer: number) => boolean },
): readonly Value[] {
  const outputs: Value[] = [];
  const layer = (build: (x: Value, options: BlockOptions) => Value): void => {
    const index = outputs.length;
    const x = outputs.at(-1) ?? images;
    outputs.push(net.module(index, () => build(x, { norm, trains: trains(index) })));
  };
  layer((x, options) => stem(net, x, options));
  for (const config of rows) layer((x, options) => invertedResidual(net, x, config, options));
  layer((x, options) => lastConvolution(net, x, options));
  return outputs;
}

/** The first layer: 3x3 with stride 2. */
export function stem(net: Network, images: Value, options: BlockOptions): Value {
  const layer = { outChannels: STEM_CHANNELS, kernel: 3, stride: 2, activation: 'hard_swish' } as const;
  return convNormActivation(net, images, { ...layer, ...options });
}

/** The last layer: 1x1 to six times the channels. */
export function lastConvolution(net: Network, x: Value, options: BlockOptions): Value {
  return convNormActivation(net, x, {
    outChannels: 6 * channelsOf(x),
    kernel: 1,
    activation: 'hard_swish',
    ...options,
  });
}
