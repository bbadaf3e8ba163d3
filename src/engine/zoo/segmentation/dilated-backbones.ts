import type { Value } from '../../graph/node.js';
import { at } from '../../graph/tensor.js';
import type { Network } from '../../nn/network.js';
import { MOBILENET_V3_NORM, mobileNetV3Features, mobileNetV3Large, stageStarts } from '../backbones/mobilenet-v3.js';
import type { ResNetConfig } from '../backbones/resnet.js';
import { RESNET_NORM, resNet } from '../backbones/resnet.js';

/** The two maps of a backbone that segmentation uses, both larger than a classifier would have them. */
export interface SegmentationMaps {
  /** At stride 8. */
  readonly early: Value;
  /** The last map: at stride 8 of ResNets, 16 of MobileNets. */
  readonly last: Value;
}

/** Builds the module `backbone`. Pretrained or not, all of it trains, and its norms are live. */
export type SegmentationBackbone = (net: Network, images: Value) => SegmentationMaps;

export function dilatedResNet(config: ResNetConfig): SegmentationBackbone {
  return (net, images) =>
    net.module('backbone', () => {
      const [, , early, last] = resNet(net, images, config, {
        norm: { ...RESNET_NORM, kind: 'live' },
        trains: [true, true, true, true, true],
        dilated: true,
      });
      return { early, last };
    });
}

export const dilatedMobileNetV3Large: SegmentationBackbone = (net, images) =>
  net.module('backbone', () => {
    const rows = mobileNetV3Large({ reduced: false, dilated: true });
    const layers = mobileNetV3Features(net, images, rows, {
      norm: { ...MOBILENET_V3_NORM, kind: 'live' },
      trains: () => true,
    });
    // The last layer at stride 8.
    return { early: at(layers, at(stageStarts(rows), -4)), last: at(layers, -1) };
  });
