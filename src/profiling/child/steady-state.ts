import { CpuWindows } from '../../monitoring/cpu-windows.js';
import type { ProcessReading } from '../../monitoring/process-reader.js';
import type { Distribution, TimingLimits } from '../../profiles/measurement.js';
import { distributionOf, medianOf } from './distribution.js';

/** The first step allocates; the second is the first in memory that is there already. */
const WARMUP_MIN_STEPS = 2;
const WARMUP_MAX_STEPS = 10;
const WARMUP_SECONDS = 0.5;
/** Two steps after the reset of the memory peak, however long they take: what one leaves behind is in the other's. */
const TIMED_MIN_STEPS = 2;
const WINDOWS = 3;
/** The median of less moves with every disturbance. */
const WINDOW_MIN_STEPS = 3;
const WINDOW_SECONDS = 0.5;
/** Largest difference of the last windows' medians, relative to the smallest. */
const AGREEMENT = 0.05;
const UNLIMITED: TimingLimits = { maxSteps: Infinity, maxSeconds: Infinity };

/** Readings of the process that computes. */
export interface OwnReader {
  read(): ProcessReading;
  /** Makes the present resident set the peak; false where the system cannot. */
  resetPeak(): boolean | Promise<boolean>;
}

export interface SteadyStateOptions {
  readonly limits: TimingLimits;
  /** Cores that utilisation is a percentage of. */
  readonly threads: number;
  readonly reader: OwnReader;
  /** Monotonic, in seconds. */
  readonly clock: () => number;
  /**
   * Called when a phase begins (`step` 0) and after each of its steps, outside of what is timed.
   * @param windowSeconds median of the window that the step completed, else null.
   */
  readonly onStep: (phase: 'warmup' | 'timing', step: number, windowSeconds: number | null) => void;
}

export interface SteadyState {
  /** Of the last three windows when they agree, of all timed steps when not. */
  readonly stepSeconds: Distribution;
  /** The last three windows' medians agree within 5 %. */
  readonly stable: boolean;
  readonly warmupSteps: number;
  /** Whether the limits left fewer steps of warm-up or of a window than are wanted, or came before windows agreed. */
  readonly shortened: boolean;
  /** Over all timed steps, of `threads` cores; above 100 when the process has more threads than that. */
  readonly cpuMeanPercent: number;
  /** Highest over stretches of whole steps that take at least 100 ms. */
  readonly cpuPeakPercent: number;
  /** Highest resident set over the timed steps; null where the system keeps no mark that can be reset. */
  readonly peakRssBytes: number | null;
  /** Resident set at the end of the last step. */
  readonly endRssBytes: number;
}

/**
 * Repeats a step until its time has come to rest: warm-up, reset of the memory peak, then windows of steps until the
 * last three windows' medians agree, or the limit of steps or seconds is reached. A step is never interrupted, so the
 * last one may end after the limit, and two are timed whatever the limits say.
 *
 * @param step gives the seconds that it took by a clock of its own; null: by that of the options
 */
export async function runToSteadyState(
  step: () => Promise<number | null>,
  options: SteadyStateOptions,
): Promise<SteadyState> {
  const { limits, reader, clock, onStep } = options;
  const begun = clock();
  const timed = async (): Promise<number> => {
    const start = clock();
    const seconds = await step();
    return seconds ?? clock() - start;
  };

  onStep('warmup', 0, null);
  const warmup: number[] = [];
  const half = { maxSteps: limits.maxSteps / 2, maxSeconds: limits.maxSeconds / 2 };
  while (!isWarm(warmup.length, clock() - begun, half)) {
    warmup.push(await timed());
    onStep('warmup', warmup.length, null);
  }
  const wellWarm = isWarm(warmup.length, clock() - begun, UNLIMITED);

  const peakIsReset = await reader.resetPeak();
  const cpu = new CpuWindows(options.threads);
  cpu.add(clock(), reader.read().cpuSeconds);
  onStep('timing', 0, null);
  const stepSeconds = warmup.at(-1) ?? 0;
  const wantedSteps = Math.max(WINDOW_MIN_STEPS, Math.ceil(WINDOW_SECONDS / stepSeconds));
  const windowSteps = Math.min(wantedSteps, longestWindow(warmup.length, stepSeconds, clock() - begun, limits));
  const seconds: number[] = [];
  const limitReached = (): boolean =>
    seconds.length >= TIMED_MIN_STEPS &&
    (warmup.length + seconds.length >= limits.maxSteps || clock() - begun >= limits.maxSeconds);
  let stable = false;
  while (!stable && !limitReached()) {
    seconds.push(await timed());
    cpu.add(clock(), reader.read().cpuSeconds);
    const windowEnds = seconds.length % windowSteps === 0;
    onStep('timing', seconds.length, windowEnds ? medianOf(seconds.slice(-windowSteps)) : null);
    stable = windowEnds && lastWindowsAgree(seconds, windowSteps);
  }

  const end = reader.read();
  return {
    stepSeconds: distributionOf(stable ? seconds.slice(-WINDOWS * windowSteps) : seconds),
    stable,
    warmupSteps: warmup.length,
    shortened: !stable || !wellWarm || windowSteps < wantedSteps,
    cpuMeanPercent: cpu.meanPercent ?? 0,
    cpuPeakPercent: cpu.peakPercent ?? 0,
    peakRssBytes: peakIsReset ? end.peakRssBytes : null,
    endRssBytes: end.rssBytes,
  };
}

/** @param most that warm-up may take: half of the limits, so that there is something to time. */
function isWarm(steps: number, seconds: number, most: TimingLimits): boolean {
  if (steps < Math.min(WARMUP_MIN_STEPS, most.maxSteps)) return false;
  return seconds >= Math.min(WARMUP_SECONDS, most.maxSeconds) || steps >= Math.min(WARMUP_MAX_STEPS, most.maxSteps);
}

/** Steps of a window of which three end within the limits; one where not even that can be. */
function longestWindow(steps: number, stepSeconds: number, elapsedSeconds: number, limits: TimingLimits): number {
  const bySteps = Math.floor((limits.maxSteps - steps) / WINDOWS);
  const bySeconds = Math.floor((limits.maxSeconds - elapsedSeconds) / stepSeconds / WINDOWS);
  return Math.max(1, Math.min(bySteps, bySeconds));
}

function lastWindowsAgree(seconds: readonly number[], windowSteps: number): boolean {
  if (seconds.length < WINDOWS * windowSteps) return false;
  const medians = Array.from({ length: WINDOWS }, (_, back) => {
    const end = seconds.length - back * windowSteps;
    return medianOf(seconds.slice(end - windowSteps, end));
  });
  const smallest = Math.min(...medians);
  return Math.max(...medians) - smallest <= AGREEMENT * smallest;
}
