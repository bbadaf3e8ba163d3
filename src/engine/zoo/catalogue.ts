/** What a network is for. */
export type Task = 'detection' | 'instance_segmentation';

/** Variant of a builder: torchvision's `weights_backbone=None`, or the builder called with `weights=None` alone. */
export type WeightsBackbone = 'none' | 'default';

/** Options of a network, by torchvision's names. */
export interface NetworkOptions {
  /** Classes including the background. */
  readonly numClasses: number;
  readonly weightsBackbone: WeightsBackbone;
  /** Backbone stages that train, counted from the last. */
  readonly trainableBackboneLayers: number;
  /** Length in pixels that the shorter side is resized to; null where the network has one size. */
  readonly minSize: number | null;
  /** Most that the longer side may have then; null where the network has one size. */
  readonly maxSize: number | null;
}

/** Counts that decide the cost of post-processing and matching, an image. */
export interface CountLimits {
  readonly candidatesPerImage: number;
  readonly detectionsPerImage: number;
}

/** What is known of an architecture without building it. */
export interface ArchitectureDescription {
  /** torchvision's name. */
  readonly name: string;
  readonly task: Task;
  readonly defaults: NetworkOptions;
  /** Largest `trainableBackboneLayers`. */
  readonly backboneLayers: number;
  /** `[height, width]` in pixels at which the network is usually quoted. */
  readonly defaultImageSize: readonly [height: number, width: number];
  /** How the network resizes what it is given. */
  readonly resizeRule: string;
  /** Work of a trained network on an image; the reason for the figures is in docs/measuring.md. */
  readonly defaultCounts: CountLimits & {
    readonly objectsPerImage: number;
    /** Null where the objects alone decide how many there are. */
    readonly positivesPerImage: number | null;
  };
  /** Most boxes of an image that train as an object; null where there is no quota. */
  readonly maxPositivesPerImage: number | null;
  readonly maxDetectionsPerImage: number;
  /**
   * Most candidates with `numClasses` classes that can leave `detections` detections: each class holds a limited number,
   * and without detections there are none.
   */
  readonly maxCandidatesPerImage: (numClasses: number, detections: number) => number;
}

/** Limits of torchvision's SSDlite, for its builder and its description alike. */
export const SSDLITE_LIMITS = {
  imageSize: [320, 320],
  backboneLayers: 6,
  candidatesPerClass: 300,
  detectionsPerImage: 300,
} as const;

/** Quota of the sampler, which a trained proposal network fills. */
const RCNN_POSITIVES = 128;
/** Proposals that reach the box head in evaluation mode. */
const RCNN_PROPOSALS = 1000;
/** Most detections that are kept of an image. */
const RCNN_DETECTIONS = 100;

/**
 * Planted detections are spread over the classes, each of which holds `perClass` candidates. At the network's limit of
 * detections more may be left before the cut, so all classes can be full.
 */
function candidateLimit(perClass: number, limit: number): (numClasses: number, detections: number) => number {
  return (numClasses, detections) =>
    (detections < limit ? Math.min(detections, numClasses - 1) : numClasses - 1) * perClass;
}

/** Two-stage networks on ResNet-50 with a feature pyramid. */
function rcnnDescription(name: string, task: Task): ArchitectureDescription {
  return {
    name,
    task,
    defaults: {
      numClasses: 91,
      weightsBackbone: 'default',
      trainableBackboneLayers: 3,
      minSize: 800,
      maxSize: 1333,
    },
    backboneLayers: 5,
    defaultImageSize: [800, 800],
    resizeRule:
      'the shorter side is resized to min_size, or the longer one to max_size where that is less; then both are padded ' +
      'to multiples of 32',
    defaultCounts: {
      objectsPerImage: 7,
      positivesPerImage: RCNN_POSITIVES,
      candidatesPerImage: 400,
      detectionsPerImage: 40,
    },
    maxPositivesPerImage: RCNN_POSITIVES,
    maxDetectionsPerImage: RCNN_DETECTIONS,
    maxCandidatesPerImage: candidateLimit(RCNN_PROPOSALS, RCNN_DETECTIONS),
  };
}

const DESCRIPTIONS: readonly ArchitectureDescription[] = [
  {
    name: 'ssdlite320_mobilenet_v3_large',
    task: 'detection',
    defaults: {
      numClasses: 91,
      weightsBackbone: 'default',
      trainableBackboneLayers: SSDLITE_LIMITS.backboneLayers,
      minSize: null,
      maxSize: null,
    },
    backboneLayers: SSDLITE_LIMITS.backboneLayers,
    defaultImageSize: SSDLITE_LIMITS.imageSize,
    resizeRule: 'every image is resized to 320x320',
    defaultCounts: {
      objectsPerImage: 7,
      positivesPerImage: null,
      candidatesPerImage: 3000,
      detectionsPerImage: SSDLITE_LIMITS.detectionsPerImage,
    },
    maxPositivesPerImage: null,
    maxDetectionsPerImage: SSDLITE_LIMITS.detectionsPerImage,
    maxCandidatesPerImage: candidateLimit(SSDLITE_LIMITS.candidatesPerClass, SSDLITE_LIMITS.detectionsPerImage),
  },
  rcnnDescription('fasterrcnn_resnet50_fpn', 'detection'),
  rcnnDescription('maskrcnn_resnet50_fpn', 'instance_segmentation'),
];

/** Every architecture, by torchvision's name. A Map, so that no inherited property passes for a name. */
export const architectures: ReadonlyMap<string, ArchitectureDescription> = new Map(
  DESCRIPTIONS.map((description) => [description.name, description]),
);
