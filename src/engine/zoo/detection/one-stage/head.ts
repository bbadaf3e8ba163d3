import type { Graph } from '../../../graph/graph.js';
import type { Value } from '../../../graph/node.js';
import { relu } from '../../../graph/ops.js';
import { PYRAMID_CHANNELS } from '../../backbones/feature-pyramid.js';
import type { MapAnchors } from '../../../nn/anchors.js';
import type { Layer } from '../../../nn/layers.js';
import { conv2dLayer, groupNormLayer } from '../../../nn/layers.js';
import type { Network } from '../../../nn/network.js';

/** What the heads say about every anchor, by map of the pyramid; anchors of a map go by row, column, shape. */
export interface HeadOutputs {
  /** `[N, shapes * classes, H, W]` each */
  readonly logits: readonly Value[];
  /** `[N, anchors, 4]` each */
  readonly codes: readonly Value[];
  /** How near to an object's centre, before the sigmoid: `[N, anchors]` each; null where the head does not tell. */
  readonly centerness: readonly Value[] | null;
}

/** Convolutions of a head before its predictions. */
const TOWER_LAYERS = 4;
const GROUP_NORM = { groups: 32, epsilon: 1e-5 };

export interface TowerOptions {
  /** Names of the convolution and of the norm of each layer, below the tower. */
  readonly names: (layer: number) => { readonly conv: string; readonly norm: string };
  readonly bias: boolean;
  readonly norm: boolean;
}

/** The convolutions `conv` of a head, 3x3 with ReLU and, where there is one, a group norm between. */
export function tower(net: Network, { names, bias, norm }: TowerOptions): Layer {
  const layers = net.module('conv', () =>
    Array.from({ length: TOWER_LAYERS }, (_, index): Layer => {
      const { conv, norm: normName } = names(index);
      const convolution = net.module(conv, () => prediction(net, PYRAMID_CHANNELS, bias));
      if (!norm) return convolution;
      const normalization = net.module(normName, () => groupNormLayer(net, PYRAMID_CHANNELS, GROUP_NORM));
      return (x) => normalization(convolution(x));
    }),
  );
  return (x) => layers.reduce((value, layer) => relu(net.g, layer(value)), x);
}

/** A 3x3 convolution over what a tower gives. */
export function prediction(net: Network, outChannels: number, bias = true): Layer {
  return conv2dLayer(net, PYRAMID_CHANNELS, { outChannels, kernel: 3, bias });
}

/** `[height, width]` of a map. */
export function gridOf({ shape }: Value): readonly [height: number, width: number] {
  return [Number(shape[2]), Number(shape[3])];
}

/** Anchors `[anchors, 4]` as a value. */
export function anchorRows(g: Graph, anchors: MapAnchors): Value {
  return g.deferredConstant('float32', [anchors.count, 4], () => anchors.rows());
}
