import type { Value } from '../../graph/node.js';
import { relu } from '../../graph/ops.js';
import { conv2d, maxPool2d } from '../../nn/layers.js';
import type { Network } from '../../nn/network.js';

/** Channels of each convolution, by block. */
export type VggConfig = readonly (readonly number[])[];

/** Configuration D of table 1 of "Very deep convolutional networks" (Simonyan & Zisserman 2014). */
export const VGG16 = [
  [64, 64],
  [128, 128],
  [256, 256, 256],
  [512, 512, 512],
  [512, 512, 512],
] as const satisfies VggConfig;

/** Layers that one convolution is to torchvision's numbers: itself, and its activation. */
const LAYERS_PER_CONVOLUTION = 2;

/** 3x3 convolutions with ReLU, the first of them layer `firstLayer` of the current module. */
export function vggBlock(
  net: Network,
  x: Value,
  channels: readonly number[],
  firstLayer: number,
  trains: boolean,
): Value {
  return channels.reduce(
    (input, outChannels, index) =>
      relu(
        net.g,
        net.module(firstLayer + LAYERS_PER_CONVOLUTION * index, () =>
          conv2d(net, input, { outChannels, kernel: 3, bias: true, trains }),
        ),
      ),
    x,
  );
}

/** The pool behind a block, which halves the size. @param ceilMode whether a last odd row or column is kept */
export function vggPool(net: Network, x: Value, layer: number, ceilMode: boolean): Value {
  return net.module(layer, () => maxPool2d(net.g, x, { kernel: 2, stride: 2, pad: 0, ceilMode }));
}

export interface VggOptions {
  /** Whether a block trains, by its index. */
  readonly trains: (block: number) => boolean;
  /** As of vggPool. */
  readonly ceilMode: boolean;
}

/** torchvision's `features` up to the last block, before its pool, whose layer's number comes with it. */
export function vggFeatures(
  net: Network,
  images: Value,
  config: VggConfig,
  { trains, ceilMode }: VggOptions,
): { readonly map: Value; readonly nextLayer: number } {
  let [map, layer] = [images, 0];
  config.forEach((channels, block) => {
    if (block > 0) map = vggPool(net, map, layer++, ceilMode);
    map = vggBlock(net, map, channels, layer, trains(block));
    layer += LAYERS_PER_CONVOLUTION * channels.length;
  });
  return { map, nextLayer: layer };
}
