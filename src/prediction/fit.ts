import type { Interval, Prediction } from './prediction.js';

/** What is known of the memory of a process, in bytes; null where it is not. */
export interface KnownMemory {
  readonly peakRssBytes: number;
  readonly loadingPeakRssBytes: number | null;
  readonly fileRssBytes: number | null;
}

/**
 * What a limit of memory has to leave for such a process: its peak, whenever that is, without pages of files. Those the
 * kernel takes back when it must, and mostly shares with processes outside of the limit.
 */
export function neededBytes({ peakRssBytes, loadingPeakRssBytes, fileRssBytes }: KnownMemory): number {
  return Math.max(peakRssBytes, loadingPeakRssBytes ?? 0) - (fileRssBytes ?? 0);
}

/**
 * The interval of what is needed that says whether a workload fits; null where nothing is predicted, or where it could not
 * be tried how far predictions are off: a guess of three times the peak would refuse what fits, and the plan decides.
 */
export function decisiveNeed(prediction: Prediction | null): Interval | null {
  return prediction === null || prediction.memoryTrials === 0 ? null : prediction.neededBytes;
}

/**
 * Whether a workload fits: the end of its interval that its need exceeds in 5 of 100 cases has to lie within the budget. So
 * what is said to fit seldom fails, and what barely fits is sometimes said not to.
 *
 * @param needed what the whole process is predicted to need
 */
export function fits(needed: Interval, budgetBytes: number): boolean {
  return needed.high <= budgetBytes;
}

/** Where something larger is known to need so little, whatever an interval would allow for. The central value stays in it. */
export function noMoreThan(bytes: number, { low, central, high }: Interval): Interval {
  return { low, central, high: Math.max(central, Math.min(high, bytes)) };
}

/** So many batches are looked at between the one that halving finds and the largest whose central value fits. */
const MOST_LOOKED_AT = 32;

/**
 * The largest batch that fits. Central values never fall with the batch, so none that fits is larger than the largest whose
 * central value does. Intervals are narrower inside of what was measured than below and above, so that a batch may fit where
 * a smaller one does not: halving, which could miss it, only says where to begin. Of up to 32 batches above all are looked at,
 * of more as many at equal distances.
 *
 * @param neededOf what the whole process is predicted to need with so many images; null where nothing is known of it
 * @param mostImages the largest batch that is looked at
 * @returns 0 where not even a single image fits; null where nothing is known of one
 */
export function largestBatch(
  neededOf: (images: number) => Interval | null,
  budgetBytes: number,
  mostImages: number,
): number | null {
  const known = new Map<number, Interval | null>();
  const lookAt = (images: number): Interval | null => {
    const needed = known.get(images) ?? neededOf(images);
    known.set(images, needed);
    return needed;
  };
  if (lookAt(1) === null) return null;
  const isFitting = (images: number): boolean => {
    const needed = lookAt(images);
    return needed !== null && fits(needed, budgetBytes);
  };
  const isCentralFitting = (images: number): boolean => (lookAt(images)?.central ?? Infinity) <= budgetBytes;
  const most = halved(isCentralFitting, 0, mostImages + 1);
  const least = halved(isFitting, 0, most + 1);
  const step = Math.max(1, (most - least) / MOST_LOOKED_AT);
  for (let looked = most; looked > least; looked -= step) {
    const images = Math.ceil(looked);
    if (isFitting(images)) return halved(isFitting, images, Math.min(most + 1, Math.ceil(looked + step)));
  }
  return least;
}

/** Between one that holds, or 0, and a larger one that does not: one that holds, and of which the next does not. */
function halved(holds: (images: number) => boolean, holding: number, failing: number): number {
  let [low, high] = [holding, failing];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (holds(middle)) low = middle;
    else high = middle;
  }
  return low;
}
