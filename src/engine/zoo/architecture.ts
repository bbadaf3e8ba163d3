import type { Value } from '../graph/node.js';
import type { Network } from '../nn/network.js';
import type { NetworkOptions } from './catalogue.js';

/** Images and what is in them, as values of the training graph. */
export interface DetectionBatch {
  /** `[N, 3, H, W]`, values from 0 to 1. */
  readonly images: Value;
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
  /** Mean number of boxes an image that train as an object: float32 scalar. */
  readonly positivesPerImage: Value;
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

export interface InferenceResult {
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

/** A network that can be built into a graph, for training and for inference. */
export interface Architecture {
  readonly name: string;
  /** Modules that compute a mask for each region or detection; none where the network knows no masks. */
  readonly maskModules: readonly string[];
  /** `[height, width]` that the network computes at when given images of `imageSize`, padding included. */
  computedImageSize(imageSize: readonly [number, number], options: NetworkOptions): readonly [number, number];
  /** @param planted null: whatever the weights and images give, sampled in the order of the reference */
  train(net: Network, batch: DetectionBatch, options: NetworkOptions, planted: PlantedSample | null): TrainingResult;
  /** @param planted null: whatever the weights and images give */
  infer(net: Network, images: Value, options: NetworkOptions, planted: PlantedCounts | null): InferenceResult;
}

/** Whether a network learns and finds masks of its objects. */
export function hasMasks({ maskModules }: Architecture): boolean {
  return maskModules.length > 0;
}
