import type { Value } from '../../../graph/node.js';
import { at } from '../../../graph/tensor.js';
import { perImage, sumAll } from '../../../nn/losses.js';
import type { Network } from '../../../nn/network.js';
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
import { DETECTIONS_PER_IMAGE, boxDetections } from './box-detections.js';
import type { RegionMaps } from './box-head.js';
import { SAMPLED_POSITIVES, boxLosses, boxPredictions, trainingSample } from './box-head.js';
import type { NetworkOptions, Task } from '../../description.js';
import { MASK_MODULES, firstPlaces, maskLogits, maskLoss, maskProbabilities } from './mask-head.js';
import { plantedProposals } from './planting-proposals.js';
import type { TransformedSizes } from '../resize-transform.js';
import { RESIZE_RULE, imageSizeOf, resizeBounds, transformImages, transformedSizes } from '../resize-transform.js';
import { PROPOSAL_LIMITS, anchorPredictions, proposalLosses, proposals } from './region-proposals.js';
import type { ResNetFpnOptions } from '../../backbones/resnet-fpn.js';
import { RESNET_PARTS, resNet50Fpn } from '../../backbones/resnet-fpn.js';
import { COCO_CLASSES, OBJECTS_PER_IMAGE, candidateLimit } from '../detector-defaults.js';

const BACKBONE: ResNetFpnOptions = { norm: 'frozen', pyramidNorm: false, firstStage: 0, extra: 'pool' };

/** The maps that regions are read from: all but the last. The scale is the power of 2 that suits the heights best. */
function regionMapsOf(maps: readonly Value[], { resized }: TransformedSizes): RegionMaps {
  const read = maps.slice(0, -1);
  return {
    maps: read,
    spatialScales: read.map(({ shape }) => 2 ** Math.round(Math.log2(Number(at(shape, 2)) / resized[0]))),
  };
}

/** What a two-stage network finds. */
interface RcnnConfig {
  readonly name: string;
  readonly task: Task;
}

function train(
  { task }: RcnnConfig,
  net: Network,
  images: Value,
  { boxes, labels, masks }: ObjectTargets,
  options: NetworkOptions,
  planted: PlantedSample | null,
): TrainingResult {
  const { g } = net;
  const hasMaskBranch = task === 'instance';
  const sizes = transformedSizes(imageSizeOf(images), resizeBounds(options));
  const order = planted ? 'scattered' : 'first';
  const positives = planted?.positivesPerImage ?? SAMPLED_POSITIVES;
  const targets = resizeBoxes(g, boxes, sizes.given, sizes.resized);
  const maps = resNet50Fpn(net, transformImages(g, images, sizes), options, BACKBONE);

  const { found, losses } = net.module('rpn', () => {
    const predictions = anchorPredictions(net, maps, sizes);
    return {
      found: proposals(g, predictions, sizes, 'training'),
      losses: proposalLosses(g, predictions, targets, order),
    };
  });
  const regions = planted ? plantedProposals(g, found, targets, positives) : found;
  return net.module('roi_heads', () => {
    const regionMaps = regionMapsOf(maps, sizes);
    const sample = trainingSample(g, regions, targets, labels, positives, order);
    const predictions = boxPredictions(net, regionMaps, sample.boxes, options.numClasses);
    const { classification, regression } = boxLosses(g, predictions, sample, targets);
    const positiveSample = firstPlaces(g, sample, positives);
    const maskLosses =
      hasMaskBranch && masks
        ? [
            maskLoss(
              g,
              maskLogits(net, regionMaps, positiveSample.boxes, options.numClasses),
              positiveSample,
              masks,
              sizes,
            ),
          ]
        : [];
    return {
      losses: new Map([
        ['loss_classifier', classification],
        ['loss_box_reg', regression],
        ...maskLosses.map((loss) => ['loss_mask', loss] as const),
        ['loss_objectness', losses.objectness],
        ['loss_rpn_box_reg', losses.regression],
      ]),
      positivesPerImage: perImage(g, sumAll(g, sample.positive), images),
      maskPlacesPerImage: hasMaskBranch ? positives : null,
    };
  });
}

function infer(
  { task }: RcnnConfig,
  net: Network,
  images: Value,
  options: NetworkOptions,
  planted: PlantedCounts | null,
): DetectionResult {
  const { g } = net;
  const hasMaskBranch = task === 'instance';
  const sizes = transformedSizes(imageSizeOf(images), resizeBounds(options));
  const maps = resNet50Fpn(net, transformImages(g, images, sizes), options, BACKBONE);
  const found = net.module('rpn', () => proposals(g, anchorPredictions(net, maps, sizes), sizes, 'evaluation'));
  return net.module('roi_heads', () => {
    const regionMaps = regionMapsOf(maps, sizes);
    const predictions = boxPredictions(net, regionMaps, found.boxes, options.numClasses);
    // Masks are computed for as many detections as are planted, or else for as many as there can be.
    const limit = planted ? Math.max(1, planted.detectionsPerImage) : DETECTIONS_PER_IMAGE;
    const best = boxDetections(g, found, predictions, sizes, {
      limit: hasMaskBranch ? limit : DETECTIONS_PER_IMAGE,
      planted,
    });
    const boxes = resizeBoxes(g, best.boxes, sizes.resized, sizes.given);
    if (!hasMaskBranch) return { kind: 'detections', ...best, boxes, masks: null };
    const logits = maskLogits(net, regionMaps, best.boxes, options.numClasses);
    const probabilities = maskProbabilities(g, logits, best.labels);
    const masks = net.module('mask_paste', () => pasteMasks(g, probabilities, boxes, sizes.given));
    return { kind: 'detections', ...best, boxes, masks };
  });
}

function rcnn(config: RcnnConfig): Detector {
  return {
    target: 'objects',
    description: {
      name: config.name,
      task: config.task,
      defaults: {
        numClasses: COCO_CLASSES,
        weightsBackbone: 'default',
        trainableBackboneLayers: 3,
        minSize: 800,
        maxSize: 1333,
        auxLoss: null,
      },
      variants: ['default', 'none'],
      backboneLayers: RESNET_PARTS,
      defaultImageSize: [800, 800],
      smallestImageSide: 1,
      resizeRule: RESIZE_RULE,
      counts: {
        defaults: {
          objectsPerImage: OBJECTS_PER_IMAGE,
          // The quota of the sampler, which a trained proposal network fills.
          positivesPerImage: SAMPLED_POSITIVES,
          candidatesPerImage: 400,
          detectionsPerImage: 40,
        },
        maxPositivesPerImage: SAMPLED_POSITIVES,
        maxDetectionsPerImage: DETECTIONS_PER_IMAGE,
        maxCandidatesPerImage: candidateLimit(PROPOSAL_LIMITS.evaluation, DETECTIONS_PER_IMAGE),
      },
    },
    maskModules: config.task === 'instance' ? MASK_MODULES : [],
    computedImageSize: (imageSize, options) => transformedSizes(imageSize, resizeBounds(options)).padded,
    train: (net, images, targets, options, planted) => train(config, net, images, targets, options, planted),
    infer: (net, images, options, planted) => infer(config, net, images, options, planted),
  };
}

/** Faster R-CNN (Ren et al. 2015) with a feature pyramid (Lin et al. 2017) on ResNet-50. */
export const fasterRcnnResNet50Fpn = rcnn({ name: 'fasterrcnn_resnet50_fpn', task: 'detection' });

/** Mask R-CNN (He et al. 2017): the same with a branch for masks. */
export const maskRcnnResNet50Fpn = rcnn({ name: 'maskrcnn_resnet50_fpn', task: 'instance' });
