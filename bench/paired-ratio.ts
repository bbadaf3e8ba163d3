import { uniform } from '../src/engine/synthetic/hash.js';
import { upperMedian } from '../src/engine/training/step-times.js';

/** Two blocks of equally many steps, one right after the other. */
export interface Pair {
  readonly seconds: number;
  readonly watchedSeconds: number;
}

/** How much longer steps take that are watched, with the bounds that hold it with 95 % certainty. */
export interface PairedRatio {
  readonly ratio: number;
  readonly lower: number;
  readonly upper: number;
}

export type OverheadVerdict = 'met' | 'missed' | 'open';

const RESAMPLES = 2000;
const TAIL = 0.025;
/** Bounds of fewer pairs are too narrow: they are drawn from too few values. */
const FEWEST_PAIRS = 10;

/**
 * Median of the pairs' ratios, with its percentile bootstrap interval (Efron, 1979): the pairs are drawn anew with
 * repetition, from fixed numbers, and of the medians of all draws the middle 95 % are taken. A median, because a pause of
 * the machine makes single pairs many times as long.
 * @throws RangeError when there are no pairs
 */
export function pairedRatio(pairs: readonly Pair[]): PairedRatio {
  const ratios = pairs.map(({ seconds, watchedSeconds }) => watchedSeconds / seconds);
  const medians = Array.from({ length: RESAMPLES }, (_, resample) => {
    const drawn = uniform('bootstrap', resample, ratios.length);
    return upperMedian([...drawn].map((fraction) => ratios[Math.floor(fraction * ratios.length)] ?? NaN));
  }).sort((a, b) => a - b);
  return {
    ratio: upperMedian(ratios),
    lower: medians[Math.floor(TAIL * RESAMPLES)] ?? NaN,
    upper: medians[Math.ceil((1 - TAIL) * RESAMPLES) - 1] ?? NaN,
  };
}

/** Open where the bounds lie on both sides of the goal, and where pairs are too few. */
export function overheadVerdict({ lower, upper }: PairedRatio, pairs: number, goal: number): OverheadVerdict {
  if (pairs < FEWEST_PAIRS) return 'open';
  if (upper <= 1 + goal) return 'met';
  return lower > 1 + goal ? 'missed' : 'open';
}
