import { reduceMean } from '../../graph/ops.js';
import { linear } from '../../nn/layers.js';
import type { Classifier } from '../architecture.js';
import type { ResNetConfig } from '../backbones/resnet.js';
import { RESNET101, RESNET18, RESNET34, RESNET50, RESNET_NORM, resNet } from '../backbones/resnet.js';
import { classifier } from './classifier.js';

/** ResNet: a linear layer of the channels' means (He et al. 2015). */
function resNetClassifier(name: string, config: ResNetConfig): Classifier {
  return classifier({
    name,
    smallestImageSide: 1,
    logits: (net, images, numClasses) => {
      const [, , , last] = resNet(net, images, config, {
        norm: { ...RESNET_NORM, kind: 'live' },
        trains: [true, true, true, true, true],
        dilated: false,
      });
      return net.module('fc', () => linear(net, reduceMean(net.g, last, [2, 3]), numClasses));
    },
  });
}

export const resNetClassifiers: readonly Classifier[] = [
  resNetClassifier('resnet18', RESNET18),
  resNetClassifier('resnet34', RESNET34),
  resNetClassifier('resnet50', RESNET50),
  resNetClassifier('resnet101', RESNET101),
];
