import type { Value } from '../../graph/node.js';
import { crossEntropy, meanAll } from '../../nn/losses.js';
import type { Network } from '../../nn/network.js';
import type { Classifier } from '../architecture.js';
import { NO_RESIZING } from '../description.js';

const IMAGENET_CLASSES = 1000;

export interface ClassifierConfig {
  /** torchvision's name. */
  readonly name: string;
  /** Shortest side in pixels that leaves something of every map. */
  readonly smallestImageSide: number;
  /** @returns one score a class, `[N, classes]` */
  readonly logits: (net: Network, images: Value, numClasses: number) => Value;
}

/** A network that gives a class to each image: cross entropy in training, scores in evaluation. */
export function classifier({ name, smallestImageSide, logits }: ClassifierConfig): Classifier {
  return {
    target: 'images',
    description: {
      name,
      task: 'classification',
      defaults: {
        numClasses: IMAGENET_CLASSES,
        weightsBackbone: 'none',
        trainableBackboneLayers: null,
        minSize: null,
        maxSize: null,
        auxLoss: null,
      },
      variants: ['none'],
      variantsDiffer: false,
      backboneLayers: null,
      defaultImageSize: [224, 224],
      smallestImageSide,
      resizeRule: NO_RESIZING,
      counts: null,
    },
    maskModules: [],
    computedImageSize: (imageSize) => imageSize,
    train: (net, images, classes, { numClasses }) => ({
      losses: new Map([['loss', meanAll(net.g, crossEntropy(net.g, logits(net, images, numClasses), classes))]]),
      positivesPerImage: null,
      maskPlacesPerImage: null,
    }),
    infer: (net, images, { numClasses }) => ({
      kind: 'scores',
      scores: logits(net, images, numClasses),
      auxiliary: null,
    }),
  };
}
