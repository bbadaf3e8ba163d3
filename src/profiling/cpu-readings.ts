import type { CpuCurve } from '../monitoring/cpu-curve.js';
import type { Reading } from '../profiles/measurement.js';
import type { ChildResult, WatchedStep } from './protocol.js';

/** Of less the scheduler's account, which is brought up to date every few milliseconds, says too little. */
const SHORTEST_SECONDS = 0.1;

/**
 * The readings with the CPU use of the phases inside a step, of which the child knows only when they were: of all traced
 * steps together what the process used from the beginning to the end of a phase.
 *
 * @param curve CPU time of the process while it traced; null where it could not be read
 * @param ofAllowedCores turns the child's percentages into those of the cores allowed
 */
export function cpuReadings(
  { readings, watchedSteps }: Pick<ChildResult, 'readings' | 'watchedSteps'>,
  curve: CpuCurve | null,
  ofAllowedCores: (percent: number) => number,
  allowedCores: number,
): readonly Reading[] {
  return readings.map((reading): Reading => {
    if (reading.cpuPercent !== null) return { ...reading, cpuPercent: ofAllowedCores(reading.cpuPercent) };
    const spans = watchedSteps.flatMap((step) => spanBefore(reading.point, step));
    const percent = curve === null ? null : percentOver(spans, curve, allowedCores);
    return percent === null ? reading : { ...reading, cpuPercent: percent, cpuSource: 'schedstat' };
  });
}

type Span = readonly [begin: number, end: number];

/** The phase that ends with a point. */
function spanBefore(point: Reading['point'], { begun, forwardEnd, backwardEnd }: WatchedStep): Span[] {
  if (point === 'forward_end') return [[begun, forwardEnd]];
  return point === 'backward_end' && backwardEnd !== null ? [[forwardEnd, backwardEnd]] : [];
}

function percentOver(spans: readonly Span[], curve: CpuCurve, cores: number): number | null {
  const seconds = spans.reduce((sum, [begin, end]) => sum + end - begin, 0);
  const used = spans.map(([begin, end]) => curve.cpuSecondsBetween(begin, end));
  if (seconds < SHORTEST_SECONDS || used.includes(null)) return null;
  const cpuSeconds = used.reduce<number>((sum, part) => sum + (part ?? 0), 0);
  return Math.min(100, Math.max(0, (100 * cpuSeconds) / seconds / cores));
}
