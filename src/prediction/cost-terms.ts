import { reachedShare } from './reached-share.js';
import type { BatchCounts, CountedOperators } from './workload-costs.js';

/**
 * What the seconds of an operator are a sum of, each times a coefficient that is not negative. All of them only grow with the
 * batch, the size of images and the counts, and so do their sums.
 */
export const TERMS = [
  'fixed',
  /** Of the batch: much is called once for each. */
  'images',
  /** Multiply-accumulates with what is not padding. */
  'compute',
  /** The same with as many images as there would be if each thread had one when the last is computed. */
  'roundedCompute',
  'memory',
  'farMemory',
  'farthestMemory',
  'weights',
  /** Convolutions of the runtime arrange their weights anew for each image. */
  'weightsOfImages',
  'matched',
  'found',
] as const;

export type Term = (typeof TERMS)[number];

/** One number a term, in the order of {@link TERMS}. */
export type Terms = readonly number[];

/**
 * Beyond so many bytes memory is slower than below, if the machine's measurements say so: there are caches of such sizes in
 * most processors.
 */
const FAR_BYTES = 2 ** 22;
const FARTHEST_BYTES = 2 ** 24;

/** Of one operator. @param counts of the whole batch */
export function termsOf(cost: CountedOperators, counts: BatchCounts): Terms {
  const { bytes, weightBytes, decidedByRun } = cost;
  const multiplyAccumulates = cost.multiplyAccumulates * reachedShare(cost, counts.images);
  return [
    1,
    counts.images,
    multiplyAccumulates,
    multiplyAccumulates * roundedShare(counts),
    bytes,
    Math.max(0, bytes - FAR_BYTES),
    Math.max(0, bytes - FARTHEST_BYTES),
    weightBytes,
    weightBytes * counts.images,
    decidedByRun ? counts.matched : 0,
    decidedByRun ? counts.found : 0,
  ];
}

/** Where each thread takes whole images, the last ones leave threads without work; as a share of the batch. */
function roundedShare({ images, threads }: BatchCounts): number {
  // A single image is computed by all of them.
  return images === 1 ? 1 : (Math.ceil(images / threads) * threads) / images;
}
