import type { ApplicationType } from '../../src/profiles/workload.js';

/** What the workloads of an architecture are drawn from. */
export interface Plan {
  readonly architecture: string;
  /** Pixels of the shorter side of an image, which networks that resize to a choice of sizes then compute at. */
  readonly sides: readonly number[];
  /**
   * Most pixels that a batch has in all, in millions, as the network computes them: on two cores of an EPYC of 2024 a step
   * of so many takes about half a second, and a measurement some ten. The smallest batches have a sixteenth of them.
   */
  readonly mostMegapixels: Readonly<Record<ApplicationType, number>>;
  /** Most images of a batch, where an image costs much whatever its size; null where the pixels alone limit it. */
  readonly mostImages: Readonly<Record<ApplicationType, number>> | null;
  /** Positives of an image, as shares of the most that an architecture samples. */
  readonly positives: readonly number[];
}

/** Sizes that networks are given which resize to one of their own. */
const RESIZED = [240, 320, 480, 640];
const POSITIVES = [1 / 8, 1 / 4, 1 / 2, 1];
/** Each has a mask computed: with all 128 a step takes three seconds whatever the size. */
const POSITIVES_WITH_MASKS = [1 / 32, 1 / 16, 1 / 8, 1 / 4];
/** Of networks that classify hundreds of regions of each image. */
const REGIONS = { training: 2, inference: 6 };

/** Those of the whole grid: all four tasks, all families of the catalogue, each with room for sizes and batches. */
export const PLANS: readonly Plan[] = [
  {
    architecture: 'resnet50',
    sides: [96, 128, 160, 192, 224],
    mostMegapixels: { training: 0.17, inference: 0.7 },
    mostImages: null,
    positives: POSITIVES,
  },
  {
    architecture: 'ssdlite320_mobilenet_v3_large',
    sides: RESIZED,
    mostMegapixels: { training: 1.2, inference: 1.7 },
    mostImages: null,
    positives: POSITIVES,
  },
  {
    architecture: 'fasterrcnn_resnet50_fpn',
    sides: [128, 160, 224, 288, 352],
    mostMegapixels: { training: 0.13, inference: 0.25 },
    mostImages: REGIONS,
    positives: POSITIVES,
  },
  {
    architecture: 'lraspp_mobilenet_v3_large',
    sides: [160, 224, 320, 416, 520],
    mostMegapixels: { training: 0.7, inference: 2.5 },
    mostImages: null,
    positives: POSITIVES,
  },
  {
    architecture: 'mobilenet_v2',
    sides: [128, 160, 192, 224, 288],
    mostMegapixels: { training: 0.8, inference: 3 },
    mostImages: null,
    positives: POSITIVES,
  },
  {
    architecture: 'maskrcnn_resnet50_fpn',
    sides: [128, 160, 192, 224, 256],
    mostMegapixels: { training: 0.1, inference: 0.2 },
    mostImages: REGIONS,
    positives: POSITIVES_WITH_MASKS,
  },
  {
    architecture: 'deeplabv3_mobilenet_v3_large',
    sides: [128, 160, 192, 224, 288],
    mostMegapixels: { training: 0.22, inference: 0.9 },
    mostImages: null,
    positives: POSITIVES,
  },
  {
    architecture: 'resnet18',
    sides: [128, 160, 192, 224, 288],
    mostMegapixels: { training: 0.45, inference: 1.5 },
    mostImages: null,
    positives: POSITIVES,
  },
  {
    architecture: 'fasterrcnn_mobilenet_v3_large_320_fpn',
    sides: [192, 256, 320, 384, 448],
    mostMegapixels: { training: 0.3, inference: 0.9 },
    mostImages: REGIONS,
    positives: POSITIVES,
  },
  {
    architecture: 'fcn_resnet50',
    sides: [96, 128, 160, 192, 224],
    mostMegapixels: { training: 0.055, inference: 0.14 },
    mostImages: null,
    positives: POSITIVES,
  },
  {
    architecture: 'retinanet_resnet50_fpn',
    sides: [128, 160, 224, 288, 320],
    mostMegapixels: { training: 0.12, inference: 0.27 },
    mostImages: null,
    positives: POSITIVES,
  },
  {
    architecture: 'vgg16',
    sides: [96, 128, 160, 192, 224],
    mostMegapixels: { training: 0.07, inference: 0.2 },
    mostImages: null,
    positives: POSITIVES,
  },
  {
    architecture: 'ssd300_vgg16',
    sides: RESIZED,
    mostMegapixels: { training: 0.18, inference: 0.28 },
    mostImages: null,
    positives: POSITIVES,
  },
  {
    architecture: 'mobilenet_v3_large',
    sides: [128, 160, 192, 224, 288],
    mostMegapixels: { training: 1.2, inference: 3 },
    mostImages: null,
    positives: POSITIVES,
  },
  {
    architecture: 'fasterrcnn_mobilenet_v3_large_fpn',
    sides: [256, 320, 416, 512, 640],
    mostMegapixels: { training: 0.6, inference: 1.2 },
    mostImages: REGIONS,
    positives: POSITIVES,
  },
  {
    architecture: 'fcos_resnet50_fpn',
    sides: [128, 160, 224, 288, 320],
    mostMegapixels: { training: 0.12, inference: 0.27 },
    mostImages: null,
    positives: POSITIVES,
  },
];

/** A few that are measured in seconds, two of a family each: that one of them is predicted well from the other says little, that it is not says much. */
const QUICK_NAMES = ['lraspp_mobilenet_v3_large', 'resnet18', 'mobilenet_v3_large'];
const RESNET34: Plan = {
  architecture: 'resnet34',
  sides: [128, 160, 192, 224, 288],
  mostMegapixels: { training: 0.24, inference: 0.8 },
  mostImages: null,
  positives: POSITIVES,
};

export const QUICK_PLANS: readonly Plan[] = [
  ...PLANS.filter(({ architecture }) => QUICK_NAMES.includes(architecture)),
  RESNET34,
].map((plan) => ({
  ...plan,
  mostMegapixels: { training: plan.mostMegapixels.training / 4, inference: plan.mostMegapixels.inference / 4 },
}));
