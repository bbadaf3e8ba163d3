import type { Spread } from './goals.js';
import { spread } from './goals.js';

/** How a figure varied when the same was measured again and again. */
export interface Repeatability extends Spread {
  /** Median absolute deviation from the median, as a share of it: half of the figures are nearer to the median than that. */
  readonly deviation: number;
}

/** Largest deviations with which a measurement counts as repeatable. */
export const TIME_AIM = 0.02;
export const MEMORY_AIM = 0.01;

/** @throws RangeError when there are no figures */
export function repeatability(figures: readonly number[]): Repeatability {
  const found = spread(figures);
  const deviations = figures.map((figure) => Math.abs(figure - found.median));
  return { ...found, deviation: spread(deviations).median / found.median };
}

/** Figures that were measured after something else, beside those that were measured alone. */
export interface Comparison {
  readonly alone: Repeatability;
  readonly after: Repeatability;
  /** Of the medians, `after` over `alone`. */
  readonly ratio: number;
  /** Whether the median of the ones lies where the others lie too. */
  readonly same: boolean;
}

/** @throws RangeError when there are no figures */
export function comparison(alone: readonly number[], after: readonly number[]): Comparison {
  const [one, other] = [repeatability(alone), repeatability(after)];
  return {
    alone: one,
    after: other,
    ratio: other.median / one.median,
    same: other.median >= one.lowest && other.median <= one.highest,
  };
}
