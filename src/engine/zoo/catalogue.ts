/** What a network is for. */
export type Task = 'detection';

/** Variant of a builder: torchvision's `weights_backbone=None`, or the builder called with `weights=None` alone. */
export type WeightsBackbone = 'none' | 'default';

/** Options of a network, by torchvision's names. */
export interface NetworkOptions {
  /** Classes including the background. */
  readonly numClasses: number;
  readonly weightsBackbone: WeightsBackbone;
  /** Backbone stages that train, counted from the last. */
  readonly trainableBackboneLayers: number;
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
  readonly defaultCounts: CountLimits & { readonly objectsPerImage: number };
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

const DESCRIPTIONS: readonly ArchitectureDescription[] = [
  {
    name: 'ssdlite320_mobilenet_v3_large',
    task: 'detection',
    defaults: { numClasses: 91, weightsBackbone: 'default', trainableBackboneLayers: SSDLITE_LIMITS.backboneLayers },
    backboneLayers: SSDLITE_LIMITS.backboneLayers,
    defaultImageSize: SSDLITE_LIMITS.imageSize,
    resizeRule: 'every image is resized to 320x320',
    defaultCounts: {
      objectsPerImage: 7,
      candidatesPerImage: 3000,
      detectionsPerImage: SSDLITE_LIMITS.detectionsPerImage,
    },
    maxDetectionsPerImage: SSDLITE_LIMITS.detectionsPerImage,
    maxCandidatesPerImage: (numClasses, detections) =>
      (detections < SSDLITE_LIMITS.detectionsPerImage ? Math.min(detections, numClasses - 1) : numClasses - 1) *
      SSDLITE_LIMITS.candidatesPerClass,
  },
];

/** Every architecture, by torchvision's name. A Map, so that no inherited property passes for a name. */
export const architectures: ReadonlyMap<string, ArchitectureDescription> = new Map(
  DESCRIPTIONS.map((description) => [description.name, description]),
);
