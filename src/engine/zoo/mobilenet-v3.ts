import type { Value } from '../graph/node.js';
import { add } from '../graph/ops.js';
import type { Activation, NormOptions } from '../nn/layers.js';
import { channelsOf, convNormActivation, squeezeExcitation } from '../nn/layers.js';
import type { Network } from '../nn/network.js';

/** One row of Table 1 of "Searching for MobileNetV3" (Howard et al. 2019). */
export interface BottleneckConfig {
  readonly kernel: number;
  readonly expandedChannels: number;
  readonly outChannels: number;
  readonly squeezeExcitation: boolean;
  readonly activation: Activation;
  readonly stride: number;
}

const row = (
  kernel: number,
  expandedChannels: number,
  outChannels: number,
  squeeze: boolean,
  activation: Activation,
  stride: number,
): BottleneckConfig => ({ kernel, expandedChannels, outChannels, squeezeExcitation: squeeze, activation, stride });

/** Channels that leave the first convolution. */
export const STEM_CHANNELS = 16;

/** MobileNetV3-Large. The reduced tail halves the channels of the last blocks, as for detection without pretraining. */
export function mobileNetV3Large(reducedTail: boolean): readonly BottleneckConfig[] {
  const divisor = reducedTail ? 2 : 1;
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
    row(5, 672, 160 / divisor, true, 'hard_swish', 2),
    row(5, 960 / divisor, 160 / divisor, true, 'hard_swish', 1),
    row(5, 960 / divisor, 160 / divisor, true, 'hard_swish', 1),
  ];
}

/** The nearest multiple of 8, never more than 10 % below `channels`. */
export function makeDivisible(channels: number): number {
  const rounded = Math.max(8, Math.floor((channels + 4) / 8) * 8);
  return rounded < 0.9 * channels ? rounded + 8 : rounded;
}

export interface BlockOptions {
  readonly norm: NormOptions;
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
      stride: config.stride,
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
