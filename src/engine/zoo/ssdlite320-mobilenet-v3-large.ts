import type { Value } from '../graph/node.js';
import { at, staticShape } from '../graph/tensor.js';
import type { DefaultBoxOptions } from '../nn/default-boxes.js';
import { boxesPerPosition, defaultBoxes } from '../nn/default-boxes.js';
import { joinMaps } from '../nn/head-outputs.js';
import type { Activation, NormOptions } from '../nn/layers.js';
import { channelsOf, conv2d, convNormActivation } from '../nn/layers.js';
import type { Network } from '../nn/network.js';
import { normalizeImages, resizeBoxes, resizeImages } from '../nn/preprocessing.js';
import type { Architecture } from './architecture.js';
import type { NetworkOptions } from './catalogue.js';
import { SSDLITE_LIMITS } from './catalogue.js';
import { STEM_CHANNELS, afterExpansion, expansion, invertedResidual, mobileNetV3Large } from './mobilenet-v3.js';
import type { HeadOutputs } from './ssd.js';
import { ssdLosses } from './ssd.js';
import type { ImageSizes, PostprocessingOptions } from './ssd-postprocessing.js';
import { ssdDetections } from './ssd-postprocessing.js';

const IMAGE_SIZE = SSDLITE_LIMITS.imageSize;
const IMAGE_MEAN = [0.5, 0.5, 0.5];
const IMAGE_STD = [0.5, 0.5, 0.5];
const NORM: NormOptions = { epsilon: 0.001, momentum: 0.03 };
const EXTRA_CHANNELS = [512, 256, 256, 128];
const DEFAULT_BOXES: DefaultBoxOptions = {
  aspectRatios: Array.from({ length: 6 }, () => [2, 3]),
  minRatio: 0.2,
  maxRatio: 0.95,
};
const POSTPROCESSING: PostprocessingOptions = {
  scoreThreshold: 0.001,
  overlapThreshold: 0.55,
  candidatesPerClass: SSDLITE_LIMITS.candidatesPerClass,
  detectionsPerImage: SSDLITE_LIMITS.detectionsPerImage,
};

/** Blocks that begin a backbone stage: the first, those that halve the size, the last. */
const STAGE_STARTS = [0, 2, 4, 7, 13, 16];
/** The block whose expansion gives the first feature map. */
const C4_BLOCK = 13;

/** The first block that trains. A backbone without pretrained weights trains whole, as torchvision insists. */
function firstTrainingBlock({ weightsBackbone, trainableBackboneLayers }: NetworkOptions): number {
  if (weightsBackbone === 'none') return 0;
  return STAGE_STARTS[STAGE_STARTS.length - trainableBackboneLayers] ?? Infinity;
}

/** MobileNetV3-Large up to its last 1x1 convolution: the maps at strides 16 and 32. */
function backbone(net: Network, images: Value, options: NetworkOptions): readonly [Value, Value] {
  const bottlenecks = mobileNetV3Large(options.weightsBackbone === 'none');
  const firstTraining = firstTrainingBlock(options);
  const block = (index: number): { norm: NormOptions; trains: boolean } => ({
    norm: NORM,
    trains: index >= firstTraining,
  });
  const stem = { kernel: 3, stride: 2, outChannels: STEM_CHANNELS, activation: 'hard_swish' as Activation };
  const c4 = at(bottlenecks, C4_BLOCK - 1);
  let inChannels = 0;
  const first = net.module(0, () => {
    let x = net.module(0, () => convNormActivation(net, images, { ...stem, ...block(0) }));
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
    const last = bottlenecks.length + 1;
    return net.module(rest.length + 1, () =>
      convNormActivation(net, x, {
        outChannels: 6 * channelsOf(x),
        kernel: 1,
        activation: 'hard_swish',
        ...block(last),
      }),
    );
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
export const ssdlite320MobileNetV3Large: Architecture = {
  name: 'ssdlite320_mobilenet_v3_large',
  maskModules: [],
  computedImageSize: () => IMAGE_SIZE,
  train: (net, { images, boxes, labels }, options) => {
    const { heads, defaults } = forward(net, images, options);
    const { given, computed } = sizesOf(images);
    return ssdLosses(net.g, heads, resizeBoxes(net.g, boxes, given, computed), labels, defaults);
  },
  infer: (net, images, options, planted) => {
    const { heads, defaults } = forward(net, images, options);
    return ssdDetections(net.g, heads, defaults, sizesOf(images), POSTPROCESSING, planted);
  },
};
