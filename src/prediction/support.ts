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

/** A workload by what decides how far measurements support a prediction of it. */
export interface Supported {
  /** Equal for the same network in the same use. */
  readonly network: string;
  readonly architecture: string;
  readonly extent: Extent;
}

/** What measurements say of a workload. */
export interface Standing<M> {
  readonly support: Support;
  /** Whether errors made up to twice beyond what was measured tell what may be made here. */
  readonly isInReach: boolean;
  /** Those of the same network; where there are none, of the same architecture. */
  readonly own: readonly M[];
}

/** With other options an architecture is much the same network, but nothing that was measured is this one: never inside. */
export function standingOf<M extends Supported>(asked: Supported, measured: readonly M[]): Standing<M> {
  const ofNetwork = measured.filter(({ network }) => network === asked.network);
  const own =
    ofNetwork.length > 0 ? ofNetwork : measured.filter(({ architecture }) => architecture === asked.architecture);
  if (own.length === 0) return { support: 'unmeasured', isInReach: false, own };
  const excess = excessOf(
    asked.extent,
    own.map(({ extent }) => extent),
  );
  const isInside = ofNetwork.length > 0 && excess <= 1;
  return { support: isInside ? 'inside' : 'beyond', isInReach: excess <= REACH, own };
}

/** Whether it has no fewer images, no smaller ones, and no fewer of anything that is counted. */
export function isNowhereSmaller(one: Extent, other: Extent): boolean {
  const others = axesOf(other);
  return axesOf(one).every((value, axis) => value >= (others[axis] ?? Infinity));
}

/** By which factor the extent lies outside the range, on the axis where it is furthest outside; at most 1 inside. */
function excessOf(extent: Extent, measured: readonly Extent[]): number {
  const others = measured.map(axesOf);
  const factors = axesOf(extent).map((value, axis) => {
    const range = others.map((values) => values[axis] ?? 0);
    return Math.max(value / Math.max(...range), Math.min(...range) / value);
  });
  return Math.max(...factors);
}

/** Each above 0; one more than the counts, for these may be 0. */
function axesOf({ images, pixels, counts }: Extent): readonly number[] {
  return [images, pixels, images * pixels, ...counts.map((count) => count + 1)];
}

/** Networks with equal keys differ in nothing but the size of images and of the batch. */
export function networkKey({ architecture, applicationType, options }: Workload): string {
  const { numClasses, weightsBackbone, trainableBackboneLayers, auxLoss } = options;
  return [architecture, applicationType, numClasses, weightsBackbone, trainableBackboneLayers, auxLoss].join(' ');
}
