import type { Interval, Prediction } from './prediction.js';

/**
 * The interval of the peak that says whether a workload fits; null where nothing is predicted, or where it could not be
 * tried how far predictions are off: a guess of three times the peak would refuse what fits, and the plan decides.
 */
export function decisivePeak(prediction: Prediction | null): Interval | null {
  return prediction === null || prediction.memoryTrials === 0 ? null : prediction.peakRssBytes;
}

/**
 * Whether a workload fits: the end of its interval that its peak exceeds in 5 of 100 cases has to lie within the budget. So
 * what is said to fit seldom fails, and what barely fits is sometimes said not to.
 *
 * @param peakRssBytes predicted peak of the whole process
 */
export function fits(peakRssBytes: Interval, budgetBytes: number): boolean {
  return peakRssBytes.high <= budgetBytes;
}

/**
 * The largest batch that fits, by halving: larger batches never need less.
 *
 * @param peakRssBytes predicted peak of the whole process with so many images; null where nothing is known of it
 * @param mostImages the largest batch that is looked at
 * @returns 0 where not even a single image fits; null where nothing is known of one
 */
export function largestBatch(
  peakRssBytes: (images: number) => Interval | null,
  budgetBytes: number,
  mostImages: number,
): number | null {
  if (peakRssBytes(1) === null) return null;
  let fitting = 0;
  let failing = mostImages + 1;
  while (failing - fitting > 1) {
    const images = Math.floor((fitting + failing) / 2);
    const peak = peakRssBytes(images);
    if (peak !== null && fits(peak, budgetBytes)) fitting = images;
    else failing = images;
  }
  return fitting;
}
