import type { Graph } from '../graph/graph.js';
import type { Network } from '../nn/network.js';
import type { Architecture, Detector, ObjectTargets, PlantedSample, TrainingResult } from './architecture.js';
import { hasMasks } from './architecture.js';
import type { NetworkOptions } from './description.js';

export interface BatchShape {
  readonly batchSize: number;
  /** `[height, width]` */
  readonly imageSize: readonly [number, number];
  /** Of no meaning to networks that know no objects. */
  readonly objectsPerImage: number;
}

/** Names of a batch's inputs; a network has those of its kind of targets. */
export const BATCH_NAMES = {
  images: 'images',
  boxes: 'boxes',
  labels: 'labels',
  masks: 'masks',
  classes: 'classes',
} as const;

/** A network and its losses over a batch, with the inputs for that batch. */
export function buildTraining(
  net: Network,
  architecture: Architecture,
  shape: BatchShape,
  options: NetworkOptions,
  planted: PlantedSample | null,
): TrainingResult {
  const { g } = net;
  const { batchSize, imageSize } = shape;
  const images = g.input(BATCH_NAMES.images, 'float32', [batchSize, 3, ...imageSize]);
  switch (architecture.target) {
    case 'objects':
      return architecture.train(net, images, objectInputs(g, architecture, shape), options, planted);
    case 'pixels':
      return architecture.train(
        net,
        images,
        g.input(BATCH_NAMES.classes, 'int64', [batchSize, ...imageSize]),
        options,
        planted,
      );
    case 'images':
      return architecture.train(net, images, g.input(BATCH_NAMES.classes, 'int64', [batchSize]), options, planted);
  }
}

function objectInputs(
  g: Graph,
  detector: Detector,
  { batchSize, imageSize, objectsPerImage }: BatchShape,
): ObjectTargets {
  return {
    boxes: g.input(BATCH_NAMES.boxes, 'float32', [batchSize, objectsPerImage, 4]),
    labels: g.input(BATCH_NAMES.labels, 'int64', [batchSize, objectsPerImage]),
    masks: hasMasks(detector) ? g.input(BATCH_NAMES.masks, 'bool', [batchSize, objectsPerImage, ...imageSize]) : null,
  };
}
