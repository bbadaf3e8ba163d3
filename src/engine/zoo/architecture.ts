import type { Value } from '../graph/node.js';
import type { Network } from '../nn/network.js';
import type { ArchitectureDescription, NetworkOptions } from './description.js';

/** What is to be found in the images, as values of the training graph. */
export interface ObjectTargets {
  /** `[N, objects, 4]` as x1, y1, x2, y2 in pixels. */
  readonly boxes: Value;
  /** int64 `[N, objects]`, from 1. */
  readonly labels: Value;
  /** Pixels of each object: bool `[N, objects, H, W]`; null where the network does not learn masks. */
  readonly masks: Value | null;
}

export interface TrainingResult {
  /** Scalars by torchvision's names; their sum is what training lowers. */
  readonly losses: ReadonlyMap<string, Value>;
  /** Mean number of boxes an image that train as an object: float32 scalar; null where there are no boxes. */
  readonly positivesPerImage: Value | null;
  /** Regions of an image for which masks are computed, whether there are as many positives or not; null without masks. */
  readonly maskPlacesPerImage: number | null;
}

/** Work to be trained on in an image whatever the weights say; see docs/measuring.md. */
export interface PlantedSample {
  /** Boxes of an image that train as an object; null where they follow from the objects alone. */
  readonly positivesPerImage: number | null;
}

/** Work to be found in an image whatever the weights say; see docs/measuring.md. */
export interface PlantedCounts {
  readonly candidatesPerImage: number;
  readonly detectionsPerImage: number;
}

export interface DetectionResult {
  readonly kind: 'detections';
  /** `[N, limit, 4]` at the given images' scale, best first; those from `detections` on are padding. */
  readonly boxes: Value;
  /** `[N, limit]` */
  readonly scores: Value;
  /** int64 `[N, limit]` */
  readonly labels: Value;
  /** Detections of each image: float32 `[N]`. */
  readonly detections: Value;
  /** (box, class) pairs of each image that reached non-maximum suppression: float32 `[N]`. */
  readonly candidates: Value;
  /** Shares of object in each pixel of the given images: `[N, limit, H, W]`; null where the network finds no masks. */
  readonly masks: Value | null;
}

export interface ScoreResult {
  readonly kind: 'scores';
  /** One score a class, before any softmax: `[N, classes]` of images, `[N, classes, H, W]` of pixels. */
  readonly scores: Value;
  /** Scores of a second classifier, which PyTorch computes in evaluation too; null without one. */
  readonly auxiliary: Value | null;
}

export type InferenceResult = DetectionResult | ScoreResult;

/** A network that can be built into a graph, for training and for inference. */
interface Builder<Targets, Result extends InferenceResult> {
  readonly description: ArchitectureDescription;
  /** Modules that compute a mask for each region or detection; none where the network knows no masks. */
  readonly maskModules: readonly string[];
  /** `[height, width]` that the network computes at when given images of `imageSize`, padding included. */
  computedImageSize(imageSize: readonly [number, number], options: NetworkOptions): readonly [number, number];
  /**
   * @param images `[N, 3, H, W]`, values from 0 to 1
   * @param planted null: whatever the weights and images give, sampled in the order of the reference
   */
  train(
    net: Network,
    images: Value,
    targets: Targets,
    options: NetworkOptions,
    planted: PlantedSample | null,
  ): TrainingResult;
  /** @param planted null: whatever the weights and images give */
  infer(net: Network, images: Value, options: NetworkOptions, planted: PlantedCounts | null): Result;
}

/** Finds objects, and masks of them where it has modules for these. */
export interface Detector extends Builder<ObjectTargets, DetectionResult> {
  readonly target: 'objects';
}

/** Gives a class to each pixel; targets are classes, int64 `[N, H, W]`. */
export interface Segmenter extends Builder<Value, ScoreResult> {
  readonly target: 'pixels';
}

/** Gives a class to each image; targets are classes, int64 `[N]`. */
export interface Classifier extends Builder<Value, ScoreResult> {
  readonly target: 'images';
}

export type Architecture = Detector | Segmenter | Classifier;

/** Whether a network learns and finds masks of its objects. */
export function hasMasks({ maskModules }: Architecture): boolean {
  return maskModules.length > 0;
}
