import { computedImageSize } from '../engine/zoo/facts.js';
import type { Workload } from '../profiles/workload.js';
import type { Support } from './prediction.js';

/** What of a workload may lie in the range of measured ones or not. */
export interface Extent {
  readonly images: number;
  /** That the network computes, of an image. */
  readonly pixels: number;
  readonly counts: readonly number[];
}

export function extentOf(workload: Workload): Extent {
  const { architecture, options, imageSize, batchSize } = workload;
  const [height, width] = computedImageSize(architecture, options, imageSize);
  const { objectsPerImage, positivesPerImage, candidatesPerImage, detectionsPerImage } = workload;
  const counts = [objectsPerImage, positivesPerImage, candidatesPerImage, detectionsPerImage];
  return { images: batchSize, pixels: height * width, counts: counts.map((count) => count ?? 0) };
}

/** Further than so many times the range, the errors found within that reach say nothing. */
const REACH = 2;

/** What measurements of the same network in the same use say of a workload. @param measured their extents */
export function supportOf(extent: Extent, measured: readonly Extent[]): Support {
  if (measured.length === 0) return 'unmeasured';
  return excessOf(extent, measured) <= 1 ? 'inside' : 'beyond';
}

/** Whether errors made up to twice beyond what was measured tell what may be made here. */
export function isInReach(extent: Extent, measured: readonly Extent[]): boolean {
  return measured.length > 0 && excessOf(extent, measured) <= REACH;
}

/** By which factor the extent lies outside the range, on the axis where it is furthest outside; at most 1 inside. */
function excessOf(extent: Extent, measured: readonly Extent[]): number {
  const others = measured.map(axesOf);
  const factors = axesOf(extent).map((value, axis) => {
    const range = others.map((values) => values[axis] ?? 0);
    // One more, for counts may be 0.
    return Math.max((value + 1) / (Math.max(...range) + 1), (Math.min(...range) + 1) / (value + 1));
  });
  return Math.max(...factors);
}

function axesOf({ images, pixels, counts }: Extent): readonly number[] {
  return [images, pixels, images * pixels, ...counts];
}

/** Networks with equal keys differ in nothing but the size of images and of the batch. */
export function networkKey({ architecture, applicationType, options }: Workload): string {
  const { numClasses, weightsBackbone, trainableBackboneLayers, auxLoss } = options;
  return [architecture, applicationType, numClasses, weightsBackbone, trainableBackboneLayers, auxLoss].join(' ');
}
