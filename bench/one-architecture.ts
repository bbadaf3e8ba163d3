import { monotonicSeconds } from '../src/engine/training/step-times.js';
import type { BenchCase } from './bench-case.js';
import { busyShare } from './busy-share.js';
import { outcomeOf } from './child.js';
import type { EngineRequest, EngineRound, EngineTrace } from './engine-process.js';
import type { Figures, Spread } from './goals.js';
import { spread } from './goals.js';
import type { ReferenceRound } from './reference.js';
import { referenceRound } from './reference.js';

export interface Round {
  readonly engine: EngineRound;
  /** Null without PyTorch. */
  readonly reference: ReferenceRound | null;
  /** Share of the machine's processors that others used before the engine's and before PyTorch's turn, the higher one. */
  readonly busyShare: number;
}

/** Everything that was measured of a case. */
export interface Measured {
  readonly benchCase: BenchCase;
  readonly trace: EngineTrace;
  readonly rounds: readonly Round[];
}

export interface MeasuringSettings {
  /** Most rounds of engine and PyTorch in turn. */
  readonly rounds: number;
  /** No round begins that would end later than this after the first began, going by the longest so far. */
  readonly secondsAtMost: number;
  /** Timed steps and inferences a round; null: as many as take some seconds, 5 at most. */
  readonly runs: number | null;
  /** Side of the matrices of the machine's own rate. */
  readonly matrix: number;
  /** Null: no comparison with PyTorch. */
  readonly python: string | null;
}

const TRACED_RUNS = 2;
/** Of steps in a round: enough that a pause of the machine does not decide their median. */
const ROUND_SECONDS = 3;
const MOST_RUNS = 5;

/** Each round starts fresh processes, the engine's and then PyTorch's, one at a time. */
export async function measureArchitecture(benchCase: BenchCase, settings: MeasuringSettings): Promise<Measured> {
  const start = monotonicSeconds();
  const { matrix, python } = settings;
  const trace = await inProcess<EngineTrace>({
    kind: 'trace',
    benchCase,
    matrix,
    runs: Math.min(TRACED_RUNS, settings.runs ?? TRACED_RUNS),
  });
  const runs = settings.runs ?? Math.max(1, Math.min(MOST_RUNS, Math.round(ROUND_SECONDS / trace.training.seconds)));
  const rounds: Round[] = [];
  let longest = 0;
  while (
    rounds.length === 0 ||
    (rounds.length < settings.rounds && monotonicSeconds() - start + longest <= settings.secondsAtMost)
  ) {
    const began = monotonicSeconds();
    const busyBefore = await busyShare();
    const engine = await inProcess<EngineRound>({ kind: 'round', benchCase, matrix, runs });
    const busyBetween = await busyShare();
    const reference = python === null ? null : await referenceRound(python, benchCase, runs);
    rounds.push({ engine, reference, busyShare: Math.max(busyBefore, busyBetween) });
    longest = Math.max(longest, monotonicSeconds() - began);
  }
  return { benchCase, trace, rounds };
}

/** Times and memory of all rounds, set against PyTorch and against the machine round by round. */
export function figuresOf({ trace, rounds }: Pick<Measured, 'trace' | 'rounds'>): Figures {
  const ratios = (ratio: (engine: EngineRound, reference: ReferenceRound) => number): Spread | null => {
    const known = rounds.flatMap(({ engine, reference }) => (reference ? [ratio(engine, reference)] : []));
    return known.length === 0 ? null : spread(known);
  };
  const share = (kind: 'training' | 'inference'): Spread =>
    spread(
      rounds.map(({ engine }) => trace[kind].multiplyAccumulates / engine[kind].seconds / engine[kind].machineRate),
    );
  return {
    trainingRatio: ratios(({ training }, { stepSeconds }) => training.seconds / stepSeconds),
    inferenceRatio: ratios(({ inference }, { inferenceSeconds }) => inference.seconds / inferenceSeconds),
    memoryRatio: ratios(({ training }, { peakRssMebibytes }) => training.peakRssMebibytes / peakRssMebibytes),
    trainingShare: share('training'),
    inferenceShare: share('inference'),
  };
}

function inProcess<Outcome>(request: EngineRequest): Promise<Outcome> {
  return outcomeOf('engine-process', request);
}
