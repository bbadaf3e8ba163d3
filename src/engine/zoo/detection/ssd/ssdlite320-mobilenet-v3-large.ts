import type { Value } from '../../../graph/node.js';
import { at, staticShape } from '../../../graph/tensor.js';
import type { DefaultBoxOptions } from '../../../nn/default-boxes.js';
import { boxesPerPosition, defaultBoxes } from '../../../nn/default-boxes.js';
import { joinMaps } from '../../../nn/head-outputs.js';
import type { NormKind } from '../../../nn/conv-norm.js';
import { convNormActivation } from '../../../nn/conv-norm.js';
import type { Activation } from '../../../nn/layers.js';
import { channelsOf, conv2d } from '../../../nn/layers.js';
import type { Network } from '../../../nn/network.js';
import { normalizeImages, resizeBoxes, resizeImages } from '../../../nn/preprocessing.js';
import type { Detector } from '../../architecture.js';
import { trainableLayers } from '../../backbones/trainable-layers.js';
import type { NetworkOptions } from '../../description.js';
import { COCO_CLASSES, OBJECTS_PER_IMAGE, candidateLimit } from '../detector-defaults.js';
import type { BlockOptions } from '../../backbones/mobilenet-v3.js';
import {
  afterExpansion,
  expansion,
  invertedResidual,
  lastConvolution,
  mobileNetV3Large,
  stageStarts,
  stem,
} from '../../backbones/mobilenet-v3.js';
import type { HeadOutputs } from './ssd-losses.js';
import { ssdLosses } from './ssd-losses.js';
import type { ImageSizes, PostprocessingOptions } from './ssd-detections.js';
import { ssdDetections } from './ssd-detections.js';

const NAME = 'ssdlite320_mobilenet_v3_large';
const IMAGE_SIZE = [320, 320] as const;
const IMAGE_MEAN = [0.5, 0.5, 0.5];
const IMAGE_STD = [0.5, 0.5, 0.5];
const NORM: NormKind = { kind: 'live', epsilon: 0.001, momentum: 0.03 };
const EXTRA_CHANNELS = [512, 256, 256, 128];
const DEFAULT_BOXES: DefaultBoxOptions = {
  aspectRatios: Array.from({ length: 6 }, () => [2, 3]),
  minRatio: 0.2,
  maxRatio: 0.95,
};
const POSTPROCESSING: PostprocessingOptions = {
  scoreThreshold: 0.001,
  overlapThreshold: 0.55,
  candidatesPerClass: 300,
  detectionsPerImage: 300,
};

/** Parts of the backbone that `trainableBackboneLayers` counts. */
const BACKBONE_STAGES = 6;
/** The block whose expansion gives the first feature map. */
const C4_BLOCK = 13;

/** MobileNetV3-Large up to its last 1x1 convolution, divided where the first feature map is taken: strides 16 and 32. */
function backbone(net: Network, images: Value, options: NetworkOptions): readonly [Value, Value] {
  const bottlenecks = mobileNetV3Large({ reduced: options.weightsBackbone === 'none', dilated: false });
  const firstTraining =
    stageStarts(bottlenecks)[BACKBONE_STAGES - trainableLayers(options, BACKBONE_STAGES)] ?? Infinity;
  const block = (index: number): BlockOptions => ({ norm: NORM, trains: index >= firstTraining });
  const c4 = at(bottlenecks, C4_BLOCK - 1);
  let inChannels = 0;
  const first = net.module(0, () => {
    let x = net.module(0, () => stem(net, images, block(0)));
    bottlenecks.slice(0, C4_BLOCK - 1).forEach((config, index) => {
      x = net.module(index + 1, () => invertedResidual(net, x, config, block(index + 1)));
    });
    inChannels = channelsOf(x);
    return net.module(C4_BLOCK, () => expansion(net, x, c4, block(C4_BLOCK)));
  });
  const second = net.module(1, () => {
    let x = net.module(0, () => afterExpansion(net, first, inChannels, c4, block(C4_BLOCK)));
    const rest = bottlenecks.slice(C4_BLOCK);
    rest.forEach((config, index) => {
      x = net.module(index + 1, () => invertedResidual(net, x, config, block(C4_BLOCK + index + 1)));
    });
    return net.module(rest.length + 1, () => lastConvolution(net, x, block(bottlenecks.length + 1)));
  });
  return [first, second];
}

/** A further, smaller feature map: 1x1 to half the channels, 3x3 depthwise with stride 2, 1x1. */
function extraBlock(net: Network, x: Value, outChannels: number): Value {
  const half = outChannels / 2;
  const layer = { norm: NORM, activation: 'relu6' as Activation };
  const squeezed = net.module(0, () => convNormActivation(net, x, { ...layer, outChannels: half, kernel: 1 }));
  const halved = net.module(1, () =>
    convNormActivation(net, squeezed, { ...layer, outChannels: half, kernel: 3, stride: 2, groups: half }),
  );
  return net.module(2, () => convNormActivation(net, halved, { ...layer, outChannels, kernel: 1 }));
}

/** For one feature map: 3x3 depthwise, then 1x1 to `columns` numbers for each default box. */
function predictionBlock(net: Network, x: Value, outChannels: number): Value {
  const channels = channelsOf(x);
  const filtered = net.module(0, () =>
    convNormActivation(net, x, {
      outChannels: channels,
      kernel: 3,
      groups: channels,
      norm: NORM,
      activation: 'relu6',
    }),
  );
  return net.module(1, () => conv2d(net, filtered, { outChannels, kernel: 1, bias: true }));
}

interface NetworkOutputs {
  readonly heads: HeadOutputs;
  readonly defaults: Value;
}

function forward(net: Network, images: Value, options: NetworkOptions): NetworkOutputs {
  const { g } = net;
  const prepared = resizeImages(g, normalizeImages(g, images, IMAGE_MEAN, IMAGE_STD), IMAGE_SIZE);
  const maps = net.module('backbone', () => {
    const features = [...net.module('features', () => backbone(net, prepared, options))];
    net.module('extra', () => {
      EXTRA_CHANNELS.forEach((channels, index) => {
        features.push(net.module(index, () => extraBlock(net, at(features, -1), channels)));
      });
    });
    return features;
  });
  const boxes = boxesPerPosition(DEFAULT_BOXES);
  const head = (name: string, columns: number): Value =>
    net.module(name, () =>
      net.module('module_list', () =>
        joinMaps(
          g,
          maps.map((map, index) => net.module(index, () => predictionBlock(net, map, at(boxes, index) * columns))),
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
  const data = defaultBoxes(DEFAULT_BOXES, grids, IMAGE_SIZE);
  return { heads, defaults: g.constant('float32', [data.length / 4, 4], data) };
}

function sizesOf(images: Value): ImageSizes {
  const [, , height = 0, width = 0] = staticShape('the images', images.shape);
  return { given: [height, width], computed: IMAGE_SIZE };
}

/** SSDlite: SSD with depthwise heads on MobileNetV3-Large (Howard et al. 2019; Sandler et al. 2018, section 6.2). */
export const ssdlite320MobileNetV3Large: Detector = {
  target: 'objects',
  description: {
    name: NAME,
    task: 'detection',
    defaults: {
      numClasses: COCO_CLASSES,
      weightsBackbone: 'default',
      trainableBackboneLayers: BACKBONE_STAGES,
      minSize: null,
      maxSize: null,
      auxLoss: null,
    },
    variants: ['default', 'none'],
    backboneLayers: BACKBONE_STAGES,
    defaultImageSize: IMAGE_SIZE,
    smallestImageSide: 1,
    resizeRule: 'every image is resized to 320x320',
    counts: {
      defaults: {
        objectsPerImage: OBJECTS_PER_IMAGE,
        positivesPerImage: null,
        candidatesPerImage: 3000,
        detectionsPerImage: POSTPROCESSING.detectionsPerImage,
      },
      maxPositivesPerImage: null,
      maxDetectionsPerImage: POSTPROCESSING.detectionsPerImage,
      maxCandidatesPerImage: candidateLimit(POSTPROCESSING.candidatesPerClass, POSTPROCESSING.detectionsPerImage),
    },
  },
  maskModules: [],
  computedImageSize: () => IMAGE_SIZE,
  train: (net, images, { boxes, labels }, options) => {
    const { heads, defaults } = forward(net, images, options);
    const { given, computed } = sizesOf(images);
    return ssdLosses(net.g, heads, resizeBoxes(net.g, boxes, given, computed), labels, defaults);
  },
  infer: (net, images, options, planted) => {
    const { heads, defaults } = forward(net, images, options);
    return ssdDetections(net.g, heads, defaults, sizesOf(images), POSTPROCESSING, planted);
  },
};
