import type { Phase } from '../graph/node.js';
import type { RunTrace } from '../runtime/trace.js';
import { phaseSeconds, traced } from '../runtime/trace.js';

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

/** The middle value; of an even number of values the upper of the two. */
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
  /** Median seconds that the operators of a traced run took; writing the trace, between them, is not in it. */
  readonly totalOperatorSeconds: number;
  /** The last of the traced runs. */
  readonly lastRun: RunTrace;
}

/** How a run divides into phases, from `runs` traced ones. A run is one blocking call: only its trace can tell. */
export async function tracePhases(
  load: LoadRepeatable,
  runs: number,
  onRun?: (run: number) => void,
): Promise<TracedPhases> {
  const traces = await traced(async (prefix) => {
    const repeatable = await load(prefix);
    await timeRuns(repeatable, runs, onRun);
    repeatable.endTrace();
    await repeatable.release();
  });
  const lastRun = traces.at(-1);
  if (!lastRun) throw new RangeError('no run was traced');
  const divided = traces.slice(1).map(phaseSeconds);
  const total = (phases: Readonly<Record<Phase, number>>): number =>
    phases.forward + phases.backward + phases.optimizer;
  const share = (phase: Phase): number => upperMedian(divided.map((phases) => phases[phase] / total(phases)));
  const [forward, optimizer] = [share('forward'), share('optimizer')];
  // The backward pass is the rest, so that the three make up the whole run.
  const shares = { forward, optimizer, backward: Math.max(0, 1 - forward - optimizer) };
  return { shares, totalOperatorSeconds: upperMedian(divided.map(total)), lastRun };
}
