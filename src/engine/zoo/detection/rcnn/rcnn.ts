import type { Value } from '../../../graph/node.js';
import { anchorCounts } from '../../../nn/anchors.js';
import type { NormOptions } from '../../../nn/layers.js';
import { perImage, sumAll } from '../../../nn/losses.js';
import type { Network } from '../../../nn/network.js';
import { occupancyOf } from '../../../nn/occupancy.js';
import { pasteMasks } from '../../../nn/paste-masks.js';
import { resizeBoxes } from '../../../nn/preprocessing.js';
import type {
  DetectionResult,
  Detector,
  ObjectTargets,
  PlantedCounts,
  PlantedSample,
  TrainingResult,
} from '../../architecture.js';
import type { ArchitectureDescription, CountLimits, NetworkOptions, Task } from '../../description.js';
import { pyramidGrids } from '../../backbones/feature-pyramid.js';
import { COCO_CLASSES, OBJECTS_PER_IMAGE, candidateLimit } from '../detector-defaults.js';
import type { ResizeBounds, TransformedSizes } from '../resize-transform.js';
import { RESIZE_RULE, imageSizeOf, resizeBounds, transformImages, transformedSizes } from '../resize-transform.js';
import { DETECTIONS_PER_IMAGE, boxDetections } from './box-detections.js';
import type { BoxHead } from './box-head.js';
import { boxLosses, boxPredictions } from './box-head.js';
import { MASK_MODULES, maskLogits, maskLoss, maskProbabilities } from './mask-head.js';
import { plantedProposals } from './planting-proposals.js';
import { regionMapsOf } from './region-features.js';
import type { RegionMaps } from './region-features.js';
import type { ProposalNetwork } from './region-proposals.js';
import { anchorPredictions, proposalLosses, proposalPlaces, proposals } from './region-proposals.js';
import type { TrainingSample } from './training-sample.js';
import { SAMPLED_POSITIVES, positivesOf, trainingSample } from './training-sample.js';

/** What gives a pyramid's maps, fine to coarse, the last of them too coarse for regions. */
export interface Backbone {
  /** Pixels of the image between positions of each map. */
  readonly strides: readonly number[];
  readonly maps: (net: Network, images: Value, options: NetworkOptions) => readonly Value[];
}

/** A two-stage network, as a composition of its parts. */
export interface RcnnConfig extends ResizeBounds {
  readonly name: string;
  readonly task: Extract<Task, 'detection' | 'instance'>;
  readonly backbone: Backbone;
  /** Parts of the backbone that can train, and those that do by default; null where all of it trains. */
  readonly backboneLayers: { readonly all: number; readonly training: number } | null;
  readonly proposals: ProposalNetwork;
  readonly boxHead: BoxHead;
  /** Live norm behind the convolutions for masks; null: none. */
  readonly maskNorm: NormOptions | null;
  readonly defaultImageSize: ArchitectureDescription['defaultImageSize'];
  /** What is planted in inference unless asked for otherwise. */
  readonly defaultCounts: CountLimits;
}

function train(
  config: RcnnConfig,
  net: Network,
  images: Value,
  { boxes, labels, masks }: ObjectTargets,
  options: NetworkOptions,
  planted: PlantedSample | null,
): TrainingResult {
  const { g } = net;
  const sizes = transformedSizes(imageSizeOf(images), resizeBounds(options));
  const order = planted ? 'scattered' : 'first';
  const positives = planted?.positivesPerImage ?? SAMPLED_POSITIVES;
  const targets = resizeBoxes(g, boxes, sizes.given, sizes.resized);
  const maps = config.backbone.maps(net, transformImages(g, images, sizes), options);

  const { found, losses } = net.module('rpn', () => {
    const grids = pyramidGrids(sizes.padded, config.backbone.strides);
    const predictions = anchorPredictions(net, maps, grids, sizes, config.proposals);
    return {
      found: proposals(g, predictions, sizes, config.proposals, 'training'),
      losses: proposalLosses(g, predictions, targets, order),
    };
  });
  const regions = planted ? plantedProposals(g, found, targets, positives) : found;
  return net.module('roi_heads', () => {
    const regionMaps = regionMapsOf(maps, sizes);
    const sample = trainingSample(g, regions, targets, labels, positives, order);
    const predictions = boxPredictions(net, regionMaps, sample.boxes, {
      head: config.boxHead,
      numClasses: options.numClasses,
      occupancy: occupancyOf(g, sample.chosen),
    });
    const { classification, regression } = boxLosses(g, predictions, sample, targets);
    const learnsMasks = config.task === 'instance' && masks !== null;
    const mask = learnsMasks
      ? [maskTraining(config, net, regionMaps, positivesOf(g, sample, positives), masks, sizes, options)]
      : [];
    return {
      losses: new Map([
        ['loss_classifier', classification],
        ['loss_box_reg', regression],
        ...mask.map((loss) => ['loss_mask', loss] as const),
        ['loss_objectness', losses.objectness],
        ['loss_rpn_box_reg', losses.regression],
      ]),
      positivesPerImage: perImage(g, sumAll(g, sample.positive), images),
      maskPlacesPerImage: learnsMasks ? positives : null,
    };
  });
}

function maskTraining(
  { maskNorm }: RcnnConfig,
  net: Network,
  regionMaps: RegionMaps,
  sample: TrainingSample,
  masks: Value,
  sizes: TransformedSizes,
  { numClasses }: NetworkOptions,
): Value {
  const occupancy = occupancyOf(net.g, sample.chosen);
  const logits = maskLogits(net, regionMaps, sample.boxes, { norm: maskNorm, numClasses, occupancy });
  return maskLoss(net.g, logits, sample, masks, sizes);
}

function infer(
  config: RcnnConfig,
  net: Network,
  images: Value,
  options: NetworkOptions,
  planted: PlantedCounts | null,
): DetectionResult {
  const { g } = net;
  const hasMaskBranch = config.task === 'instance';
  const { numClasses } = options;
  const sizes = transformedSizes(imageSizeOf(images), resizeBounds(options));
  const maps = config.backbone.maps(net, transformImages(g, images, sizes), options);
  const found = net.module('rpn', () => {
    const grids = pyramidGrids(sizes.padded, config.backbone.strides);
    const predictions = anchorPredictions(net, maps, grids, sizes, config.proposals);
    return proposals(g, predictions, sizes, config.proposals, 'evaluation');
  });
  return net.module('roi_heads', () => {
    const regionMaps = regionMapsOf(maps, sizes);
    const head = { head: config.boxHead, numClasses, occupancy: null };
    const predictions = boxPredictions(net, regionMaps, found.boxes, head);
    // Masks are computed for as many detections as are planted, or else for as many as there can be.
    const limit = planted ? Math.max(1, planted.detectionsPerImage) : DETECTIONS_PER_IMAGE;
    const best = boxDetections(g, found, predictions, sizes, {
      limit: hasMaskBranch ? limit : DETECTIONS_PER_IMAGE,
      planted,
    });
    const boxes = resizeBoxes(g, best.boxes, sizes.resized, sizes.given);
    if (!hasMaskBranch) return { kind: 'detections', ...best, boxes, masks: null };
    const logits = maskLogits(net, regionMaps, best.boxes, { norm: config.maskNorm, numClasses, occupancy: null });
    const probabilities = maskProbabilities(g, logits, best.labels);
    const masks = net.module('mask_paste', () => pasteMasks(g, probabilities, boxes, sizes.given));
    return { kind: 'detections', ...best, boxes, masks };
  });
}

/** Each is a box for every class. @param imageSize after padding */
function inferenceProposals(
  { backbone, proposals: network }: RcnnConfig,
  imageSize: readonly [number, number],
): number {
  const anchors = anchorCounts(network.anchors, pyramidGrids(imageSize, backbone.strides));
  return proposalPlaces(anchors, network.limits.evaluation).ofAll;
}

function descriptionOf(config: RcnnConfig): ArchitectureDescription {
  const { name, task, minSize, maxSize, backboneLayers, defaultImageSize, defaultCounts } = config;
  return {
    name,
    task,
    defaults: {
      numClasses: COCO_CLASSES,
      weightsBackbone: 'default',
      trainableBackboneLayers: backboneLayers?.training ?? null,
      minSize,
      maxSize,
      auxLoss: null,
    },
    variants: ['default', 'none'],
    // Norms are frozen where there are backbone weights, unless all of the backbone trains anyway.
    variantsDiffer: backboneLayers !== null,
    backboneLayers: backboneLayers?.all ?? null,
    defaultImageSize,
    smallestImageSide: 1,
    resizeRule: RESIZE_RULE,
    counts: {
      defaults: {
        objectsPerImage: OBJECTS_PER_IMAGE,
        // The quota of the sampler, which a trained proposal network fills.
        positivesPerImage: SAMPLED_POSITIVES,
        ...defaultCounts,
      },
      maxPositivesPerImage: SAMPLED_POSITIVES,
      maxDetectionsPerImage: DETECTIONS_PER_IMAGE,
      maxCandidatesPerImage: candidateLimit((imageSize) => inferenceProposals(config, imageSize), DETECTIONS_PER_IMAGE),
    },
  };
}

/** The network that a config describes. */
export function rcnn(config: RcnnConfig): Detector {
  return {
    target: 'objects',
    description: descriptionOf(config),
    maskModules: config.task === 'instance' ? MASK_MODULES : [],
    computedImageSize: (imageSize, options) => transformedSizes(imageSize, resizeBounds(options)).padded,
    train: (net, images, targets, options, planted) => train(config, net, images, targets, options, planted),
    infer: (net, images, options, planted) => infer(config, net, images, options, planted),
  };
}
