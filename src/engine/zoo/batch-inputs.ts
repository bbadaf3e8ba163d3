import type { Graph } from '../graph/graph.js';
import type { Architecture, DetectionBatch } from './architecture.js';
import { hasMasks } from './architecture.js';

export interface BatchShape {
  readonly batchSize: number;
  /** `[height, width]` */
  readonly imageSize: readonly [number, number];
  readonly objectsPerImage: number;
}

/** Names of a batch's inputs. */
export const BATCH_NAMES = { images: 'images', boxes: 'boxes', labels: 'labels', masks: 'masks' } as const;

/** Inputs of a graph for a batch to train on. */
export function batchInputs(
  g: Graph,
  architecture: Architecture,
  { batchSize, imageSize, objectsPerImage }: BatchShape,
): DetectionBatch {
  return {
    images: g.input(BATCH_NAMES.images, 'float32', [batchSize, 3, ...imageSize]),
    boxes: g.input(BATCH_NAMES.boxes, 'float32', [batchSize, objectsPerImage, 4]),
    labels: g.input(BATCH_NAMES.labels, 'int64', [batchSize, objectsPerImage]),
    masks: hasMasks(architecture)
      ? g.input(BATCH_NAMES.masks, 'bool', [batchSize, objectsPerImage, ...imageSize])
      : null,
  };
}
