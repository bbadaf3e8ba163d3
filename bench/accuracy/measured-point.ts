import { observationOf } from '../../src/predicting/observations.js';
import type { Observation } from '../../src/prediction/observation.js';
import type { FreshMeasurement } from '../../src/profiles/step-trace.js';

/** A measured workload of the grid, with what tells how far its figures can be trusted. */
export interface MeasuredPoint {
  readonly observation: Observation;
  /** `[height, width]` in pixels. */
  readonly computedImageSize: readonly [height: number, width: number];
  readonly measuredAt: string;
  /** Of the whole measurement. */
  readonly durationSeconds: number;
  /** Steps behind the median, and whether they had come to rest. */
  readonly steps: number;
  readonly stable: boolean;
  readonly tracedToUntraced: number;
  /** Of the machine, by other processes and by other machines of its hypervisor; 0 to 100. */
  readonly otherLoadPercent: number;
  readonly stolenPercent: number;
  /** Measurements of it so far, of which this one was disturbed least. */
  readonly attempts: number;
}

/** Share of the machine, in percent, that others may have taken of a measurement that need not be repeated. */
const MOST_OTHER_PERCENT = 5;
/**
 * As far as traced steps may differ from those without a trace, as a share: the trace itself takes a few percent, and nobody
 * looks at what others take meanwhile.
 */
const MOST_TRACED_DIFFERENCE = 0.2;
/** Of one workload: where the machine is never quiet, there must be an end. */
const MOST_ATTEMPTS = 3;

export function pointOf(measurement: FreshMeasurement): MeasuredPoint {
  const { times, cpu, network, trace, measuredAt, durationSeconds } = measurement;
  const { stepSeconds, stable, tracedToUntraced } = times;
  return {
    observation: observationOf(measurement, trace?.costs ?? null),
    computedImageSize: network.computedImageSize,
    measuredAt,
    durationSeconds,
    steps: stepSeconds.count,
    stable,
    // Of the built-in runtime there always is a trace; PyTorch times its phases in the steps themselves.
    tracedToUntraced: tracedToUntraced ?? 1,
    otherLoadPercent: cpu.otherLoadPercent,
    stolenPercent: cpu.stolenPercent ?? 0,
    attempts: 1,
  };
}

export function isDisturbed(point: MeasuredPoint): boolean {
  return disturbance(point) > 1;
}

export function isToBeRepeated(point: MeasuredPoint): boolean {
  return isDisturbed(point) && point.attempts < MOST_ATTEMPTS;
}

/** Of two measurements of a workload the one that was disturbed less. */
export function lessDisturbed(one: MeasuredPoint, other: MeasuredPoint): MeasuredPoint {
  const better = disturbance(other) < disturbance(one) ? other : one;
  return { ...better, attempts: one.attempts + other.attempts };
}

/** Above 1 where it is more than may be. */
function disturbance({ otherLoadPercent, stolenPercent, tracedToUntraced }: MeasuredPoint): number {
  return Math.max(
    otherLoadPercent / MOST_OTHER_PERCENT,
    stolenPercent / MOST_OTHER_PERCENT,
    Math.abs(tracedToUntraced - 1) / MOST_TRACED_DIFFERENCE,
  );
}
