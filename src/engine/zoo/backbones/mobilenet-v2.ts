import type { Value } from '../../graph/node.js';
import { add } from '../../graph/ops.js';
import type { NormKind } from '../../nn/conv-norm.js';
import { convNorm, convNormActivation } from '../../nn/conv-norm.js';
import { channelsOf } from '../../nn/layers.js';
import type { Network } from '../../nn/network.js';

const NORM: NormKind = { kind: 'live', epsilon: 1e-5, momentum: 0.1 };

const STEM_CHANNELS = 32;
const LAST_CHANNELS = 1280;

/** One row of Table 2 of "MobileNetV2" (Sandler et al. 2018): `blocks` bottlenecks, of which the first has the stride. */
interface StageConfig {
  /** Channels inside a bottleneck, for each of its input. */
  readonly expansion: number;
  readonly outChannels: number;
  readonly blocks: number;
  readonly stride: number;
}

const stage = (expansion: number, outChannels: number, blocks: number, stride: number): StageConfig => ({
  expansion,
  outChannels,
  blocks,
  stride,
});

const STAGES: readonly StageConfig[] = [
  stage(1, 16, 1, 1),
  stage(6, 24, 2, 2),
  stage(6, 32, 3, 2),
  stage(6, 64, 4, 2),
  stage(6, 96, 3, 1),
  stage(6, 160, 3, 2),
  stage(6, 320, 1, 1),
];

/** torchvision's `features`: a 3x3 convolution, the bottlenecks, and a 1x1 convolution. */
export function mobileNetV2Features(net: Network, images: Value): Value {
  let index = 0;
  const layer = (build: () => Value): Value => net.module(index++, build);
  const activated = { norm: NORM, activation: 'relu6' } as const;
  let x = layer(() =>
    convNormActivation(net, images, { outChannels: STEM_CHANNELS, kernel: 3, stride: 2, ...activated }),
  );
  for (const config of STAGES) {
    for (let block = 0; block < config.blocks; block++) {
      x = layer(() => bottleneck(net, x, config, block === 0 ? config.stride : 1));
    }
  }
  return layer(() => convNormActivation(net, x, { outChannels: LAST_CHANNELS, kernel: 1, ...activated }));
}

/**
 * An inverted residual block with a linear end: expansion, where there is one, depthwise convolution, projection; with its
 * shortcut where sizes allow.
 */
function bottleneck(net: Network, x: Value, { expansion, outChannels }: StageConfig, stride: number): Value {
  const inChannels = channelsOf(x);
  const channels = expansion * inChannels;
  const activated = { outChannels: channels, norm: NORM, activation: 'relu6' } as const;
  const result = net.module('conv', () => {
    const depthwise = expansion === 1 ? 0 : 1;
    const expanded = expansion === 1 ? x : net.module(0, () => convNormActivation(net, x, { kernel: 1, ...activated }));
    const filtered = net.module(depthwise, () =>
      convNormActivation(net, expanded, { kernel: 3, stride, groups: channels, ...activated }),
    );
    // The projection's two layers lie in the block itself, without a module of their own.
    return convNorm(net, filtered, { conv: depthwise + 1, norm: depthwise + 2 }, { outChannels, kernel: 1 }, NORM);
  });
  return stride === 1 && inChannels === outChannels ? add(net.g, result, x) : result;
}
