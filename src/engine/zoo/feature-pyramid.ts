import type { Value } from '../graph/node.js';
import { add } from '../graph/ops.js';
import { at } from '../graph/tensor.js';
import { channelsOf, conv2dLayer, maxPool2d } from '../nn/layers.js';
import type { Network } from '../nn/network.js';

/** Channels of every map of the pyramid. */
export const PYRAMID_CHANNELS = 256;

/**
 * Feature pyramid network (Lin et al. 2017) with a last map by subsampling: from the backbone's maps, fine to coarse and
 * each half the size of the one before, as many maps of equal depth and one more.
 */
export function featurePyramid(net: Network, maps: readonly Value[]): readonly Value[] {
  const { g } = net;
  const layers = (name: string, kernel: number, inChannels: (map: Value) => number) =>
    net.module(name, () =>
      maps.map((map, index) =>
        net.module(index, () =>
          net.module(0, () => conv2dLayer(net, inChannels(map), { outChannels: PYRAMID_CHANNELS, kernel, bias: true })),
        ),
      ),
    );
  const inner = layers('inner_blocks', 1, channelsOf);
  const outer = layers('layer_blocks', 3, () => PYRAMID_CHANNELS);
  const apply = (name: string, index: number, x: Value): Value =>
    net.module(name, () => net.module(index, () => at(name === 'inner_blocks' ? inner : outer, index)(x)));

  const results: Value[] = [];
  let above: Value | null = null;
  for (let index = maps.length - 1; index >= 0; index--) {
    const lateral = apply('inner_blocks', index, at(maps, index));
    const merged: Value = above ? add(g, lateral, g.op('UpsampleNearest', [above], { factor: 2 })) : lateral;
    results.unshift(apply('layer_blocks', index, merged));
    above = merged;
  }
  const last = net.module('extra_blocks', () => maxPool2d(g, at(results, -1), { kernel: 1, stride: 2, pad: 0 }));
  return [...results, last];
}
