import type { Graph } from '../../graph/graph.js';
import type { Value } from '../../graph/node.js';
import { add, relu } from '../../graph/ops.js';
import { at } from '../../graph/tensor.js';
import type { Grid } from '../../nn/anchors.js';
import { convNormLayer } from '../../nn/conv-norm.js';
import type { NormOptions } from '../../nn/layers.js';
import { channelsOf, conv2d, maxPool2d } from '../../nn/layers.js';
import type { Network } from '../../nn/network.js';

/** Channels of every map of the pyramid. */
export const PYRAMID_CHANNELS = 256;

/**
 * Maps beyond the coarsest: one by subsampling (Lin et al. 2017, section 4.1), or two by convolutions with stride 2 (Lin et
 * al. 2018, section 4) of the pyramid's last map or of the backbone's.
 */
export type ExtraMaps = 'pool' | 'p6p7_of_pyramid' | 'p6p7_of_backbone';

export interface PyramidOptions {
  /** Norm behind each convolution, which then has no bias; null: none. */
  readonly norm: NormOptions | null;
  readonly extra: ExtraMaps;
}

/** Pixels of the image between positions of each map, those beyond the coarsest included. @param strides of the backbone's maps */
export function pyramidStrides(strides: readonly number[], extra: ExtraMaps): readonly number[] {
  const coarsest = at(strides, -1);
  return [...strides, 2 * coarsest, ...(extra === 'pool' ? [] : [4 * coarsest])];
}

/** The sizes of a pyramid's maps, each side halved and rounded up from map to map. @param imageSize after padding */
export function pyramidGrids([height, width]: readonly [number, number], strides: readonly number[]): readonly Grid[] {
  return strides.map((stride) => [Math.ceil(height / stride), Math.ceil(width / stride)]);
}

/**
 * Feature pyramid network (Lin et al. 2017): from the backbone's maps, fine to coarse, as many maps of equal depth, each
 * enriched by the coarser ones, and the extra maps.
 */
export function featurePyramid(
  net: Network,
  maps: readonly Value[],
  { norm, extra }: PyramidOptions,
): readonly Value[] {
  const { g } = net;
  // The parameters of all lateral convolutions come before those of all others, as in torchvision's state dictionary.
  const layers = (name: string, kernel: number, inChannels: (map: Value) => number) =>
    net.module(name, () =>
      maps.map((map, index) =>
        net.module(index, () => convNormLayer(net, inChannels(map), { outChannels: PYRAMID_CHANNELS, kernel }, norm)),
      ),
    );
  const lateral = layers('inner_blocks', 1, channelsOf);
  const output = layers('layer_blocks', 3, () => PYRAMID_CHANNELS);
  const results: Value[] = [];
  let above: Value | null = null;
  for (let index = maps.length - 1; index >= 0; index--) {
    const own = at(lateral, index)(at(maps, index));
    const merged: Value = above ? add(g, own, enlarged(g, above, own)) : own;
    results.unshift(at(output, index)(merged));
    above = merged;
  }
  return [...results, ...net.module('extra_blocks', () => extraMaps(net, at(maps, -1), at(results, -1), extra))];
}

/** A coarser map in the size of a finer one, which is as large or twice as large: images are padded to that end. */
function enlarged(g: Graph, map: Value, { shape }: Value): Value {
  const factor = Number(at(shape, 2)) / Number(at(map.shape, 2));
  return factor === 1 ? map : g.op('UpsampleNearest', [map], { factor });
}

function extraMaps(net: Network, ofBackbone: Value, ofPyramid: Value, extra: ExtraMaps): readonly Value[] {
  if (extra === 'pool') return [maxPool2d(net.g, ofPyramid, { kernel: 1, stride: 2, pad: 0 })];
  const halved = (name: string, x: Value): Value =>
    net.module(name, () => conv2d(net, x, { outChannels: PYRAMID_CHANNELS, kernel: 3, stride: 2, bias: true }));
  const p6 = halved('p6', extra === 'p6p7_of_pyramid' ? ofPyramid : ofBackbone);
  return [p6, halved('p7', relu(net.g, p6))];
}
