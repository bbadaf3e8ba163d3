import { quantile } from '../../common/quantile.js';
import type { Distribution } from '../../profiles/measurement.js';

/**
 * Median and tails of timings; quantiles between two timings are interpolated linearly.
 * @throws RangeError when there are none
 */
export function distributionOf(seconds: readonly number[]): Distribution {
  const sorted = [...seconds].sort((a, b) => a - b);
  return {
    median: quantile(sorted, 0.5),
    p05: quantile(sorted, 0.05),
    p95: quantile(sorted, 0.95),
    count: sorted.length,
  };
}

/** Of an even number of values the mean of the two in the middle. @throws RangeError when there are none */
export function medianOf(values: readonly number[]): number {
  return distributionOf(values).median;
}
