import type { Graph } from '../../../graph/graph.js';
import type { Value } from '../../../graph/node.js';
import type { AnchorOptions, MapAnchors } from '../../../nn/anchors.js';
import { anchorCounts, pyramidAnchors } from '../../../nn/anchors.js';
import type { Network } from '../../../nn/network.js';
import { resizeBoxes } from '../../../nn/preprocessing.js';
import type { Detector, TrainingResult } from '../../architecture.js';
import { pyramidGrids } from '../../backbones/feature-pyramid.js';
import type { ResNetFpnOptions } from '../../backbones/resnet-fpn.js';
import { RESNET_PARTS, resNet50Fpn, resNetFpnStrides } from '../../backbones/resnet-fpn.js';
import type { CountLimits, NetworkOptions } from '../../description.js';
import { COCO_CLASSES, OBJECTS_PER_IMAGE } from '../detector-defaults.js';
import type { TransformedSizes } from '../resize-transform.js';
import { RESIZE_RULE, imageSizeOf, resizeBounds, transformImages, transformedSizes } from '../resize-transform.js';
import type { HeadOutputs } from './head.js';
import type { Decoding, PairOptions } from './pair-detections.js';
import { pairDetections, pairPlaces } from './pair-detections.js';

/** Objects at the resized image's scale. */
export interface Objects {
  /** `[N, objects, 4]` */
  readonly boxes: Value;
  /** int64 `[N, objects]` */
  readonly labels: Value;
}

/** A network that classifies every anchor of a pyramid at once. */
export interface OneStageConfig {
  readonly name: string;
  readonly backbone: ResNetFpnOptions;
  readonly anchors: AnchorOptions;
  readonly heads: (net: Network, maps: readonly Value[], numClasses: number) => HeadOutputs;
  /** @param anchors of each map */
  readonly losses: (
    g: Graph,
    outputs: HeadOutputs,
    anchors: readonly MapAnchors[],
    objects: Objects,
    numClasses: number,
  ) => TrainingResult;
  readonly decoding: Decoding;
  readonly postprocessing: PairOptions;
  /** Work of a trained network on an image. */
  readonly trainedCounts: CountLimits;
}

interface ForwardPass {
  readonly outputs: HeadOutputs;
  readonly anchors: readonly MapAnchors[];
  readonly sizes: TransformedSizes;
}

function forward(
  { backbone, heads, anchors }: OneStageConfig,
  net: Network,
  images: Value,
  options: NetworkOptions,
): ForwardPass {
  const sizes = transformedSizes(imageSizeOf(images), resizeBounds(options));
  const maps = resNet50Fpn(net, transformImages(net.g, images, sizes), options, backbone);
  const outputs = net.module('head', () => heads(net, maps, options.numClasses));
  const grids = pyramidGrids(sizes.padded, resNetFpnStrides(backbone));
  return { outputs, anchors: pyramidAnchors(anchors, grids, sizes.padded), sizes };
}

/** A detector over a ResNet-50 with a feature pyramid. */
export function oneStageDetector(config: OneStageConfig): Detector {
  const { name, backbone, anchors, losses, decoding, postprocessing } = config;
  const pretrains = backbone.norm === 'frozen';
  return {
    target: 'objects',
    description: {
      name,
      task: 'detection',
      defaults: {
        numClasses: COCO_CLASSES,
        weightsBackbone: 'default',
        trainableBackboneLayers: pretrains ? 3 : null,
        minSize: 800,
        maxSize: 1333,
        auxLoss: null,
      },
      variants: ['default', 'none'],
      variantsDiffer: pretrains,
      backboneLayers: pretrains ? RESNET_PARTS : null,
      defaultImageSize: [800, 800],
      smallestImageSide: 1,
      resizeRule: RESIZE_RULE,
      counts: {
        defaults: { objectsPerImage: OBJECTS_PER_IMAGE, positivesPerImage: null, ...config.trainedCounts },
        maxPositivesPerImage: null,
        maxDetectionsPerImage: postprocessing.detectionsPerImage,
        maxCandidatesPerImage: ({ numClasses, computedImageSize, detections }) => {
          if (detections === 0) return 0;
          const counts = anchorCounts(anchors, pyramidGrids(computedImageSize, resNetFpnStrides(backbone)));
          return pairPlaces(counts, numClasses, postprocessing.pairsPerMap).reduce((sum, places) => sum + places, 0);
        },
      },
    },
    maskModules: [],
    computedImageSize: (imageSize, options) => transformedSizes(imageSize, resizeBounds(options)).padded,
    train: (net, images, { boxes, labels }, options) => {
      const { outputs, anchors, sizes } = forward(config, net, images, options);
      const objects = { boxes: resizeBoxes(net.g, boxes, sizes.given, sizes.resized), labels };
      return losses(net.g, outputs, anchors, objects, options.numClasses);
    },
    infer: (net, images, options, planted) => {
      const { g } = net;
      const { outputs, anchors, sizes } = forward(config, net, images, options);
      const detectionSizes = { numClasses: options.numClasses, imageSize: sizes.resized };
      const best = pairDetections(g, outputs, anchors, decoding, detectionSizes, postprocessing, planted);
      return {
        kind: 'detections',
        ...best,
        boxes: resizeBoxes(g, best.boxes, sizes.resized, sizes.given),
        masks: null,
      };
    },
  };
}
