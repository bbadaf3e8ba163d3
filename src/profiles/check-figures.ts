import { DecodingError } from '../common/codec.js';
import type { Measurement } from './measurement.js';

/** By which the phases may differ from the step that they are shares of. */
const ROUNDING = 0.01;

/**
 * Figures that no measurement can have, whoever wrote them: a quantity below 0 or beyond what can be counted, a step that
 * takes no time, percentiles out of order, phases that are not those of the step, a batch of nothing.
 *
 * @throws DecodingError naming the first of them
 */
export function checkFigures({ durationSeconds, workload, times, memory, cpu, gpu }: Measurement, path: string): void {
  const { batchSize, imageSize } = workload;
  if (batchSize < 1) throw new DecodingError(`${path}.workload.batch_size`, '1 or more', batchSize);
  if (Math.min(...imageSize) < 1) throw new DecodingError(`${path}.workload.image_size`, '1 or more each', imageSize);
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
    'memory.loading_peak_rss_bytes': memory.loadingPeakRssBytes,
    'memory.file_rss_bytes': memory.fileRssBytes,
    'cpu.mean_percent': cpu.meanPercent,
    'cpu.peak_percent': cpu.peakPercent,
    'cpu.other_load_percent': cpu.otherLoadPercent,
    'memory.gpu.allocated_peak_bytes': memory.gpu?.allocatedPeakBytes ?? null,
    'memory.gpu.reserved_peak_bytes': memory.gpu?.reservedPeakBytes ?? null,
    'memory.gpu.process_peak_bytes': memory.gpu?.processPeakBytes ?? null,
    'memory.gpu.device_used_peak_bytes': memory.gpu?.deviceUsedPeakBytes ?? null,
    'gpu.device_peak_percent': gpu?.devicePeakPercent ?? null,
    'gpu.process_peak_percent': gpu?.processPeakPercent ?? null,
  };
  for (const [name, quantity] of Object.entries(quantities)) {
    if (quantity === null || (quantity >= 0 && quantity <= Number.MAX_SAFE_INTEGER)) continue;
    throw new DecodingError(`${path}.${name}`, `from 0 to ${Number.MAX_SAFE_INTEGER}`, quantity);
  }
  const { peakRssBytes, loadingPeakRssBytes, fileRssBytes } = memory;
  if (peakRssBytes === 0) throw new DecodingError(`${path}.memory.peak_rss_bytes`, 'above 0', 0);
  if (loadingPeakRssBytes === 0) throw new DecodingError(`${path}.memory.loading_peak_rss_bytes`, 'above 0 or null', 0);
  if ((fileRssBytes ?? 0) > peakRssBytes) {
    throw new DecodingError(`${path}.memory.file_rss_bytes`, 'at most the peak', fileRssBytes);
  }
  const phases = times.forwardSeconds + (times.backwardSeconds ?? 0) + (times.optimizerSeconds ?? 0);
  if (Math.abs(phases - median) > ROUNDING * median) {
    throw new DecodingError(`${path}.times`, 'phases that add up to the median step', phases);
  }
}
