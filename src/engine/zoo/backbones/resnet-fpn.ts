import type { Value } from '../../graph/node.js';
import type { Network } from '../../nn/network.js';
import type { NetworkOptions } from '../description.js';
import type { ExtraMaps } from './feature-pyramid.js';
import { featurePyramid, pyramidStrides } from './feature-pyramid.js';
import { RESNET50, RESNET_NORM, RESNET_STRIDES, resNet } from './resnet.js';
import { trainableLayers } from './trainable-layers.js';

/** Parts of the backbone, the stem first, that `trainableBackboneLayers` counts from the last. */
export const RESNET_PARTS = 5;

export interface ResNetFpnOptions {
  /**
   * `frozen`: with backbone weights norms are frozen and only the last stages train. `live`: norms are live in any case,
   * and torchvision's builder takes no backbone weights unless told to.
   */
  readonly norm: 'frozen' | 'live';
  /** Whether the pyramid's convolutions have norms. */
  readonly pyramidNorm: boolean;
  /** First of the four stages, from 0, that the pyramid takes. */
  readonly firstStage: 0 | 1;
  readonly extra: ExtraMaps;
}

/** Pixels of the image between positions of each of the pyramid's maps. */
export function resNetFpnStrides({ firstStage, extra }: ResNetFpnOptions): readonly number[] {
  return pyramidStrides(RESNET_STRIDES.slice(firstStage), extra);
}

/** ResNet-50 with a feature pyramid: the pyramid's maps, fine to coarse. */
export function resNet50Fpn(
  net: Network,
  images: Value,
  options: NetworkOptions,
  { norm, pyramidNorm, firstStage, extra }: ResNetFpnOptions,
): readonly Value[] {
  const pretrained = norm === 'frozen' && options.weightsBackbone === 'default';
  const training = norm === 'frozen' ? trainableLayers(options, RESNET_PARTS) : RESNET_PARTS;
  const trains = (part: number): boolean => part >= RESNET_PARTS - training;
  return net.module('backbone', () => {
    const stages = net.module('body', () =>
      resNet(net, images, RESNET50, {
        norm: { ...RESNET_NORM, kind: pretrained ? 'frozen' : 'live' },
        trains: [trains(0), trains(1), trains(2), trains(3), trains(4)],
        dilated: false,
      }),
    );
    const taken = stages.slice(firstStage);
    return net.module('fpn', () => featurePyramid(net, taken, { norm: pyramidNorm ? RESNET_NORM : null, extra }));
  });
}
