import type { Value } from '../../graph/node.js';
import { mul } from '../../graph/ops.js';
import { interpolateBilinear, spatialSizeOf } from '../../nn/interpolation.js';
import { meanAll, pixelCrossEntropy } from '../../nn/losses.js';
import type { Network } from '../../nn/network.js';
import type { Segmenter } from '../architecture.js';
import type { NetworkOptions } from '../description.js';
import { NO_RESIZING } from '../description.js';

/** Classes of Pascal VOC, with the background. */
const VOC_CLASSES = 21;
/** Weight of the second classifier's loss, as of torchvision's reference training. */
const AUXILIARY_WEIGHT = 0.5;

/** One score a class, `[N, classes, h, w]`, in the size that a network computes them in. */
export interface MapScores {
  readonly out: Value;
  /** Of the second classifier; null without one. */
  readonly aux: Value | null;
}

export interface SegmenterConfig {
  /** torchvision's name. */
  readonly name: string;
  /** Whether the network can have a second classifier on an earlier map (torchvision's `aux_loss`). */
  readonly auxiliary: boolean;
  readonly scores: (net: Network, images: Value, options: NetworkOptions) => MapScores;
}

/**
 * A network that gives a class to each pixel: scores interpolated to the size of the images; in training the mean cross
 * entropy of all pixels.
 */
export function segmenter({ name, auxiliary, scores }: SegmenterConfig): Segmenter {
  return {
    target: 'pixels',
    description: {
      name,
      task: 'segmentation',
      defaults: {
        numClasses: VOC_CLASSES,
        weightsBackbone: 'default',
        trainableBackboneLayers: null,
        minSize: null,
        maxSize: null,
        auxLoss: auxiliary ? false : null,
      },
      variants: ['default', 'none'],
      variantsDiffer: false,
      backboneLayers: null,
      defaultImageSize: [520, 520],
      smallestImageSide: 1,
      resizeRule: NO_RESIZING,
      counts: null,
    },
    maskModules: [],
    computedImageSize: (imageSize) => imageSize,
    train: (net, images, classes, options) => {
      const { out, aux } = scores(net, images, options);
      const loss = (map: Value): Value => meanAll(net.g, pixelCrossEntropy(net.g, enlarged(net, map, images), classes));
      const losses = new Map([['out', loss(out)]]);
      if (aux) losses.set('aux', mul(net.g, loss(aux), net.g.scalar(AUXILIARY_WEIGHT)));
      return { losses, positivesPerImage: null, maskPlacesPerImage: null };
    },
    infer: (net, images, options) => {
      const { out, aux } = scores(net, images, options);
      return {
        kind: 'scores',
        scores: enlarged(net, out, images),
        auxiliary: aux && enlarged(net, aux, images),
      };
    },
  };
}

function enlarged(net: Network, map: Value, images: Value): Value {
  return interpolateBilinear(net.g, map, spatialSizeOf(images));
}
