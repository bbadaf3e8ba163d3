import type { Value } from '../../graph/node.js';
import { at } from '../../graph/tensor.js';
import type { NormKind } from '../../nn/conv-norm.js';
import type { Network } from '../../nn/network.js';
import type { NetworkOptions } from '../description.js';
import { featurePyramid, pyramidStrides } from './feature-pyramid.js';
import { WHOLE_TAIL, mobileNetV3Features, mobileNetV3Large, stageStarts } from './mobilenet-v3.js';
import { trainableLayers } from './trainable-layers.js';

/** Parts of the backbone, the stem first, that `trainableBackboneLayers` counts from the last. */
export const MOBILENET_PARTS = 6;

/** Pixels of the image between positions of each of the pyramid's maps. */
export const MOBILENET_FPN_STRIDES = pyramidStrides([32, 32], 'pool');

/** torch.nn.BatchNorm2d's own figures: this builder asks for plain norms, not for those of the classifier. */
const NORM = { epsilon: 1e-5, momentum: 0.1 };

/**
 * MobileNetV3-Large with a feature pyramid over its last two parts, which have one size, and a pooled map. With backbone
 * weights norms are frozen.
 */
export function mobileNetV3LargeFpn(net: Network, images: Value, options: NetworkOptions): readonly Value[] {
  const rows = mobileNetV3Large(WHOLE_TAIL);
  const starts = stageStarts(rows);
  const firstTraining = starts[MOBILENET_PARTS - trainableLayers(options, MOBILENET_PARTS)] ?? Infinity;
  const norm: NormKind = { ...NORM, kind: options.weightsBackbone === 'default' ? 'frozen' : 'live' };
  return net.module('backbone', () => {
    const layers = net.module('body', () =>
      mobileNetV3Features(net, images, rows, { norm, trains: (layer) => layer >= firstTraining }),
    );
    const taken = starts.slice(-2).map((start) => at(layers, start));
    return net.module('fpn', () => featurePyramid(net, taken, { norm: null, extra: 'pool' }));
  });
}
