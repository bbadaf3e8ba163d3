import { DecodingError } from '../common/codec.js';
import type { Measurement } from './measurement.js';

/**
 * Figures that no measurement can have, whoever wrote them: a quantity below 0, a step that takes no time, percentiles
 * out of order.
 *
 * @throws DecodingError naming the first of them
 */
export function checkFigures({ durationSeconds, times, memory, cpu }: Measurement, path: string): void {
  const { median, p05, p95 } = times.stepSeconds;
  if (median <= 0) throw new DecodingError(`${path}.times.step_seconds.median`, 'above 0', median);
  if (p05 > median) throw new DecodingError(`${path}.times.step_seconds.p05`, 'at most the median', p05);
  if (p95 < median) throw new DecodingError(`${path}.times.step_seconds.p95`, 'at least the median', p95);
  const quantities: Readonly<Record<string, number | null>> = {
    duration_seconds: durationSeconds,
    'times.step_seconds.p05': p05,
    'times.forward_seconds': times.forwardSeconds,
    'times.backward_seconds': times.backwardSeconds,
    'times.optimizer_seconds': times.optimizerSeconds,
    'memory.baseline_rss_bytes': memory.baselineRssBytes,
    'memory.peak_rss_bytes': memory.peakRssBytes,
    'cpu.mean_percent': cpu.meanPercent,
    'cpu.peak_percent': cpu.peakPercent,
    'cpu.other_load_percent': cpu.otherLoadPercent,
  };
  for (const [name, quantity] of Object.entries(quantities)) {
    if (quantity !== null && quantity < 0) throw new DecodingError(`${path}.${name}`, '0 or more', quantity);
  }
}
