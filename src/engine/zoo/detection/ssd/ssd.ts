import type { Value } from '../../../graph/node.js';
import { at, staticShape } from '../../../graph/tensor.js';
import type { DefaultBoxOptions } from '../../../nn/default-boxes.js';
import { boxesPerPosition, defaultBoxes } from '../../../nn/default-boxes.js';
import { joinMaps } from '../../../nn/head-outputs.js';
import type { Network } from '../../../nn/network.js';
import { normalizeImages, resizeBoxes, resizeImages } from '../../../nn/preprocessing.js';
import type { Detector } from '../../architecture.js';
import type { NetworkOptions } from '../../description.js';
import { COCO_CLASSES, OBJECTS_PER_IMAGE, candidateLimit } from '../detector-defaults.js';
import { imageSizeOf } from '../resize-transform.js';
import type { PostprocessingOptions } from './ssd-detections.js';
import { ssdDetections } from './ssd-detections.js';
import type { SsdHeadOutputs } from './ssd-losses.js';
import { ssdLosses } from './ssd-losses.js';

export interface SsdConfig {
  /** torchvision's name. */
  readonly name: string;
  /** `[height, width]` that every image is resized to. */
  readonly imageSize: readonly [number, number];
  /** By colour, of images with values from 0 to 1. */
  readonly imageMean: readonly number[];
  readonly imageStd: readonly number[];
  /** Parts of the backbone that `trainableBackboneLayers` counts, and how many of them train by default. */
  readonly backboneLayers: number;
  readonly trainableBackboneLayers: number;
  /** As of the description. */
  readonly variantsDiffer: boolean;
  /** Feature maps of the backbone, fine to coarse. */
  readonly featureMaps: (net: Network, images: Value, options: NetworkOptions) => readonly Value[];
  readonly defaultBoxes: DefaultBoxOptions;
  /** What gives a feature map's scores or codes: `[N, channels, H, W]` to `[N, outChannels, H, W]`. */
  readonly predict: (net: Network, map: Value, outChannels: number) => Value;
  readonly postprocessing: PostprocessingOptions;
  /** Default of planted candidates. */
  readonly candidatesPerImage: number;
}

interface NetworkOutputs {
  readonly heads: SsdHeadOutputs;
  /** `[boxes, 4]` */
  readonly defaults: Value;
}

function forward(net: Network, images: Value, options: NetworkOptions, config: SsdConfig): NetworkOutputs {
  const { g } = net;
  const normalized = normalizeImages(g, images, config.imageMean, config.imageStd);
  const prepared = resizeImages(g, normalized, config.imageSize);
  const maps = net.module('backbone', () => config.featureMaps(net, prepared, options));
  const boxes = boxesPerPosition(config.defaultBoxes);
  const head = (name: string, columns: number): Value =>
    net.module(name, () =>
      net.module('module_list', () =>
        joinMaps(
          g,
          maps.map((map, index) => net.module(index, () => config.predict(net, map, at(boxes, index) * columns))),
          columns,
        ),
      ),
    );
  const heads = net.module('head', () => {
    const logits = head('classification_head', options.numClasses);
    return { logits, codes: head('regression_head', 4) };
  });
  const grids = maps.map((map) => {
    const [, , height = 0, width = 0] = staticShape('a feature map', map.shape);
    return [height, width] as const;
  });
  const count = grids.reduce((sum, [height, width], map) => sum + height * width * at(boxes, map), 0);
  const make = (): Float32Array => defaultBoxes(config.defaultBoxes, grids, config.imageSize);
  return { heads, defaults: g.deferredConstant('float32', [count, 4], make) };
}

/**
 * SSD (Liu et al. 2016): each of several feature maps predicts, at each position, classes and codes of a few default
 * boxes.
 */
export function ssd(config: SsdConfig): Detector {
  const { name, imageSize, postprocessing } = config;
  const { detectionsPerImage, candidatesPerClass } = postprocessing;
  return {
    target: 'objects',
    description: {
      name,
      task: 'detection',
      defaults: {
        numClasses: COCO_CLASSES,
        weightsBackbone: 'default',
        trainableBackboneLayers: config.trainableBackboneLayers,
        minSize: null,
        maxSize: null,
        auxLoss: null,
      },
      variants: ['default', 'none'],
      variantsDiffer: config.variantsDiffer,
      backboneLayers: config.backboneLayers,
      defaultImageSize: imageSize,
      smallestImageSide: 1,
      resizeRule: `every image is resized to ${imageSize.join('x')}`,
      counts: {
        defaults: {
          objectsPerImage: OBJECTS_PER_IMAGE,
          positivesPerImage: null,
          candidatesPerImage: config.candidatesPerImage,
          detectionsPerImage,
        },
        maxPositivesPerImage: null,
        maxDetectionsPerImage: detectionsPerImage,
        maxCandidatesPerImage: candidateLimit(() => candidatesPerClass, detectionsPerImage),
      },
    },
    maskModules: [],
    computedImageSize: () => imageSize,
    train: (net, images, { boxes, labels }, options) => {
      const { heads, defaults } = forward(net, images, options, config);
      return ssdLosses(net.g, heads, resizeBoxes(net.g, boxes, imageSizeOf(images), imageSize), labels, defaults);
    },
    infer: (net, images, options, planted) => {
      const { heads, defaults } = forward(net, images, options, config);
      const sizes = { given: imageSizeOf(images), computed: imageSize };
      return ssdDetections(net.g, heads, defaults, sizes, postprocessing, planted);
    },
  };
}
