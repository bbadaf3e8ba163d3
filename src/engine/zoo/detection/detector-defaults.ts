import type { DetectionCounts } from '../description.js';

/** Classes of COCO by their numbers, which have gaps, and the background. */
export const COCO_CLASSES = 91;
/** About the average of COCO. */
export const OBJECTS_PER_IMAGE = 7;

/**
 * Planted detections are spread over the classes, each of which holds `perClass` candidates of an image of a size. At the network's limit of
 * detections more may be left before the cut, so all classes can be full.
 */
export function candidateLimit(
  perClass: (computedImageSize: readonly [number, number]) => number,
  limit: number,
): DetectionCounts['maxCandidatesPerImage'] {
  return ({ numClasses, computedImageSize, detections }) =>
    (detections < limit ? Math.min(detections, numClasses - 1) : numClasses - 1) * perClass(computedImageSize);
}
