/** What a network is for. */
export type Task = 'detection' | 'instance' | 'segmentation' | 'classification';

/** Variant of a builder: torchvision's `weights_backbone=None`, or the builder called with `weights=None` alone. */
export type WeightsBackbone = 'none' | 'default';

/** Options of a network, by torchvision's names. */
export interface NetworkOptions {
  /** Classes, including the background where the network knows one. */
  readonly numClasses: number;
  readonly weightsBackbone: WeightsBackbone;
  /** Backbone stages that train, counted from the last; null where all of the network trains. */
  readonly trainableBackboneLayers: number | null;
  /** Length in pixels that the shorter side is resized to; null where the network does not resize to a choice of sizes. */
  readonly minSize: number | null;
  /** Most that the longer side may have then; null as `minSize`. */
  readonly maxSize: number | null;
  /** Whether a second classifier trains on an earlier map; null where the network has none. */
  readonly auxLoss: boolean | null;
}

/** Counts that decide the cost of post-processing and matching, an image. */
export interface CountLimits {
  readonly candidatesPerImage: number;
  readonly detectionsPerImage: number;
}

/** What the number of an image's candidates depends on. */
export interface FoundInImage {
  readonly numClasses: number;
  /** `[height, width]` in pixels that the network computes at. */
  readonly computedImageSize: readonly [height: number, width: number];
  readonly detections: number;
}

/** The resize rule of networks that do not resize. */
export const NO_RESIZING = 'images are computed as they are given';

/** Work of a detector that follows from what is in an image, not from the image's size. */
export interface DetectionCounts {
  /** Work of a trained network on an image; the reason for the figures is in docs/measuring.md. */
  readonly defaults: CountLimits & {
    readonly objectsPerImage: number;
    /** Null where the objects alone decide how many there are. */
    readonly positivesPerImage: number | null;
  };
  /** Most boxes of an image that train as an object; null where there is no quota. */
  readonly maxPositivesPerImage: number | null;
  readonly maxDetectionsPerImage: number;
  /** Most candidates that can leave so many detections: there are places for a limited number, and without detections none. */
  readonly maxCandidatesPerImage: (found: FoundInImage) => number;
}

/** What is known of an architecture without building it. */
export interface ArchitectureDescription {
  /** torchvision's name. */
  readonly name: string;
  readonly task: Task;
  readonly defaults: NetworkOptions;
  /** Variants that torchvision's builder has. */
  readonly variants: readonly WeightsBackbone[];
  /** Whether these are different networks, and not only in what of them trains. */
  readonly variantsDiffer: boolean;
  /** Largest `trainableBackboneLayers`; null where all of the network trains. */
  readonly backboneLayers: number | null;
  /** `[height, width]` in pixels at which the network is usually quoted. */
  readonly defaultImageSize: readonly [height: number, width: number];
  /** Shortest side in pixels that leaves something of every map. */
  readonly smallestImageSide: number;
  /** How the network resizes what it is given. */
  readonly resizeRule: string;
  /** Null where the size of the images alone decides the work. */
  readonly counts: DetectionCounts | null;
}
