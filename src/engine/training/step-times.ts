import type { Phase } from '../graph/node.js';
import type { RunTrace } from '../runtime/trace.js';
import { phaseSeconds, secondsBesideNodes, traced, traceSecondsPerNode, withoutTraceCost } from '../runtime/trace.js';

/** What can be repeated in the runtime, with or without a trace. */
export interface Repeatable {
  run(): Promise<unknown>;
  endTrace(): void;
  release(): Promise<void>;
}

export type LoadRepeatable = (tracePrefix?: string) => Promise<Repeatable>;

export function monotonicSeconds(): number {
  return Number(process.hrtime.bigint()) / 1e9;
}

/** The middle value; of an even number of values the upper of the two: one of the runs has it, and can be shown. */
export function upperMedian(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted[Math.floor(sorted.length / 2)];
  if (middle === undefined) throw new RangeError('there is no median of no values');
  return middle;
}

/** Seconds of each of `runs` repetitions, after one that warms up. */
export async function timeRuns(
  repeatable: Repeatable,
  runs: number,
  onRun?: (run: number) => void,
): Promise<readonly number[]> {
  const seconds: number[] = [];
  for (let run = 0; run <= runs; run++) {
    const start = monotonicSeconds();
    await repeatable.run();
    seconds.push(monotonicSeconds() - start);
    onRun?.(run);
  }
  return seconds.slice(1);
}

export interface TracedPhases {
  /** Share of each phase in a run, median over the traced runs; together 1. */
  readonly shares: Readonly<Record<Phase, number>>;
  /** Median seconds that the operators of a run took. */
  readonly totalOperatorSeconds: number;
  /** The run of the median total. */
  readonly medianRun: RunTrace;
}

/** Traced runs without what the trace itself took of their operators' time. */
export interface CorrectedPhases extends TracedPhases {
  /** That time, by the run of the median total. */
  readonly traceSecondsPerNode: number;
  /** Of a run before its first operator and behind its last, median over the runs. */
  readonly besideOperatorsSeconds: number;
  /** Those that came after the counted ones, in order, corrected too. */
  readonly furtherRuns: readonly RunTrace[];
}

/** How often something is repeated under a trace. */
export interface TracedRuns {
  /** Until a new session is as fast as it will be; at least 1. */
  readonly warmups: number;
  /** That divide a run; at least 1. */
  readonly counted: number;
  /** After those, for whom a trace serves something else. */
  readonly further: number;
}

/**
 * How a run divides into phases, from traced ones. A run is one blocking call: only its trace can tell.
 *
 * @param untracedSeconds median of a run without a trace
 * @param onRun how many are over
 */
export async function tracePhases(
  load: LoadRepeatable,
  untracedSeconds: number,
  { warmups, counted, further }: TracedRuns,
  onRun?: (runs: number) => void,
): Promise<CorrectedPhases> {
  let seconds: readonly number[] = [];
  const traces = await traced(async (prefix) => {
    const repeatable = await load(prefix);
    seconds = await timeRuns(repeatable, warmups - 1 + counted + further, (run) => onRun?.(run + 1));
    repeatable.endTrace();
    await repeatable.release();
  });
  const dividing = traces.slice(warmups, warmups + counted);
  const corrected = correctedRuns(dividing, seconds.slice(warmups - 1), untracedSeconds);
  return {
    ...corrected,
    furtherRuns: traces.slice(warmups + counted).map((run) => withoutTraceCost(run, corrected.traceSecondsPerNode)),
  };
}

/**
 * Traced runs, divided once what of their operators' time is the trace's own is taken off.
 *
 * @param seconds of each run by the clock
 * @param untracedSeconds median of a run without a trace
 */
export function correctedRuns(
  runs: readonly RunTrace[],
  seconds: readonly number[],
  untracedSeconds: number,
): Omit<CorrectedPhases, 'furtherRuns'> {
  const besideOperatorsSeconds = besideOperators(seconds, runs);
  const perNode = traceSecondsPerNode(dividedRuns(runs).medianRun, untracedSeconds - besideOperatorsSeconds);
  return {
    ...dividedRuns(runs.map((run) => withoutTraceCost(run, perNode))),
    traceSecondsPerNode: perNode,
    besideOperatorsSeconds,
  };
}

/** Median of what runs took beside their operators. @param seconds of each run by the clock */
export function besideOperators(seconds: readonly number[], runs: readonly RunTrace[]): number {
  return upperMedian(runs.map((run, index) => secondsBesideNodes(seconds[index] ?? NaN, run)));
}

/** The shares of the phases in runs. @throws RangeError when there are none */
export function dividedRuns(runs: readonly RunTrace[]): TracedPhases {
  const divided = runs.map(phaseSeconds);
  const totals = divided.map(({ forward, backward, optimizer }) => forward + backward + optimizer);
  const totalOperatorSeconds = upperMedian(totals);
  const medianRun = runs[totals.indexOf(totalOperatorSeconds)] ?? [];
  const share = (phase: Phase): number =>
    upperMedian(divided.map((phases, run) => phases[phase] / (totals[run] ?? NaN)));
  const [forward, optimizer] = [share('forward'), share('optimizer')];
  // The backward pass is the rest, so that the three make up the whole run.
  const shares = { forward, optimizer, backward: Math.max(0, 1 - forward - optimizer) };
  return { shares, totalOperatorSeconds, medianRun };
}
