import type { SyntheticBatchOptions } from '../synthetic/batch.js';
import {
  syntheticImageClasses,
  syntheticImages,
  syntheticMasks,
  syntheticPixelClasses,
  syntheticTargets,
} from '../synthetic/batch.js';
import type { Architecture } from '../zoo/architecture.js';
import { hasMasks } from '../zoo/architecture.js';
import type { BatchData, TargetData } from './training-step.js';

/** A batch for an architecture; with torchvision's default number of classes the same as the PyTorch reference's. @param objects in each image */
export function syntheticBatch(
  architecture: Architecture,
  numClasses: number,
  options: SyntheticBatchOptions,
  objects: number,
): BatchData {
  return { images: syntheticImages(options), targets: targetsFor(architecture, numClasses, options, objects) };
}

function targetsFor(
  architecture: Architecture,
  numClasses: number,
  options: SyntheticBatchOptions,
  objects: number,
): TargetData {
  switch (architecture.target) {
    case 'objects': {
      const { boxes, labels } = syntheticTargets(options, objects);
      return {
        kind: 'objects',
        boxes,
        // Of the classes behind the background's.
        labels: BigInt64Array.from(labels, (label) => BigInt(1 + ((label - 1) % (numClasses - 1)))),
        masks: hasMasks(architecture) ? syntheticMasks(options, objects) : null,
      };
    }
    case 'pixels':
      return { kind: 'classes', classes: syntheticPixelClasses(options, objects, numClasses) };
    case 'images':
      return { kind: 'classes', classes: syntheticImageClasses(options, numClasses) };
  }
}
