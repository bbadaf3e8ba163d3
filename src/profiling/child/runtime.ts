import type { MeasuredNetwork, OperatorTime, ReachedCounts, Reading } from '../../profiles/measurement.js';
import type { StepTrace } from '../../profiles/step-trace.js';
import type { Workload } from '../../profiles/workload.js';
import type { ChildResult, MeasuringPhase, WatchedStep } from '../protocol.js';
import type { OwnReader, SteadyState } from './steady-state.js';

/**
 * What executes networks, as the measuring process sees it. The protocol, monitoring, jobs and profiles know none of them:
 * another runtime is another implementation of this, and a name in `start-runtime.ts`.
 *
 * What is not to be measured (starting, building, loading) happens before `run`; a failure that the service knows how to
 * answer is a `WorkloadError`.
 */
export interface Runtime {
  /** Of the process that computes. */
  readonly reader: RuntimeReader;
  /** Since that process began. */
  lifeSeconds(): number;
  /** Builds a workload; nothing of it runs. */
  prepare(workload: Workload): Promise<PreparedWorkload>;
  /** Ends all that it has started; also after a failure. */
  close(): Promise<void>;
}

export interface RuntimeReader extends OwnReader {
  /** Pages of program files in the resident set; null where the system does not tell. */
  readFileRssBytes(): number | null;
}

/** A workload that is built. */
export interface PreparedWorkload {
  /** What it will need at its peak; null where the runtime cannot tell before it runs. */
  readonly plannedPeakBytes: number | null;
  /** The network as the runtime counts it; null where the engine's graph is the network. */
  readonly counted: Pick<MeasuredNetwork, 'parameters' | 'trainableParameters'> | null;
  /** With weights, images and targets on its device, ready to run. */
  load(): Promise<LoadedWorkload>;
  /**
   * Divides the step into its phases, once its time has come to rest and what was loaded is released.
   * @param progress to be told where that takes further runs
   */
  divide(steady: SteadyState, progress: (phase: MeasuringPhase, step: number) => void): Promise<Division>;
}

/** A workload that can be run again and again. */
export interface LoadedWorkload {
  /** One training step, or one inference, of the whole batch; over when the device has done all of it. */
  run(): Promise<Outcome>;
  /** At its highest since the reader's peak was reset; null on a CPU. */
  gpuMemory(): Promise<ChildResult['gpuMemory']>;
  release(): Promise<void>;
}

/** What one run gave. */
export interface Outcome {
  /** By the clock of the process that computes; null where that is this one. */
  readonly seconds: number | null;
  /** Null for inference. */
  readonly losses: Readonly<Record<string, number>> | null;
  readonly reached: ReachedCounts;
}

/** The phases of a step. */
export interface Division {
  /** Of the step's time; together 1. Null for an optimizer that is not told apart from the backward pass. */
  readonly shares: Readonly<Record<Exclude<OperatorTime['phase'], 'optimizer'>, number>> & {
    readonly optimizer: number | null;
  };
  /** As of `StepTimes`. */
  readonly tracedToUntraced: number | null;
  readonly operators: readonly OperatorTime[];
  /** At the ends of the phases inside a step. */
  readonly readings: readonly Reading[];
  readonly watchedSteps: readonly WatchedStep[];
  readonly trace: StepTrace | null;
}
