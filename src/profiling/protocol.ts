import type {
  MeasuredNetwork,
  OperatorTime,
  ReachedCounts,
  Reading,
  StepTimes,
  TimingLimits,
} from '../profiles/measurement.js';
import type { StepTrace } from '../profiles/step-trace.js';
import type { Workload } from '../profiles/workload.js';

/** Limits within which the child brings its timings to rest. */
export interface MeasuringLimits extends TimingLimits {
  /** The workload is refused when its planned peak exceeds this. */
  readonly memoryBudgetBytes: number;
}

/** Sent by the service to the measuring child process. */
export interface ParentMessage {
  readonly type: 'measure';
  readonly workload: Workload;
  readonly limits: MeasuringLimits;
}

/** Traced runs that divide a step into its phases. */
export const TRACED_RUNS = 5;
/** A session that was just loaded has come to its speed after as many runs, or as many seconds, whichever is first. */
const TRACED_WARMUP = { runs: 4, seconds: 0.3 };
/** Runs, or seconds, over which CPU time is followed from outside: long enough for a phase that is a sixth of them. */
const WATCHED = { runs: 8, seconds: 0.6 };

/** What is run under the trace, of steps that take so long. */
export function tracingPlan(stepSeconds: number): TracingPlan {
  const upTo = ({ runs, seconds }: typeof WATCHED): number =>
    Math.min(runs, Math.max(1, Math.ceil(seconds / stepSeconds)));
  return { warmups: upTo(TRACED_WARMUP), counted: TRACED_RUNS, further: upTo(WATCHED) };
}

/** All of them. */
export function tracedRunCount(stepSeconds: number): number {
  const { warmups, counted, further } = tracingPlan(stepSeconds);
  return warmups + counted + further;
}

/** How often a workload is run under the trace: until it has come to its speed, counted, and then followed from outside. */
export interface TracingPlan {
  readonly warmups: number;
  readonly counted: number;
  readonly further: number;
}

export type MeasuringPhase = 'building' | 'loading' | 'warmup' | 'timing' | 'tracing';

/** When the phases of a step ended whose CPU time was followed from outside. */
export interface WatchedStep {
  /** Seconds on the system's monotonic clock, which is the same for all processes. */
  readonly begun: number;
  readonly forwardEnd: number;
  /** Null for inference. */
  readonly backwardEnd: number | null;
}

/** What the child knows of a measurement; memory and CPU from outside are added by the parent. */
export interface ChildResult {
  readonly network: MeasuredNetwork;
  readonly reached: ReachedCounts;
  readonly times: StepTimes;
  /** Whether the limits left less to be measured than there is without them. */
  readonly shortened: boolean;
  readonly operators: readonly OperatorTime[];
  readonly losses: Readonly<Record<string, number>> | null;
  readonly baselineRssBytes: number;
  /** Kernel's high-water mark over the timed steps; null where the system keeps none that can be reset. */
  readonly peakRssBytes: number | null;
  /** The kernel's mark from the beginning of the process until the workload was loaded; null where it keeps none. */
  readonly loadingPeakRssBytes: number | null;
  /** Pages of program files in the resident set after the last timed step; null where the system does not tell. */
  readonly fileRssBytes: number | null;
  /** CPU time over wall time of the timed steps; 0 to 100, of `workload.threads` cores. */
  readonly cpuMeanPercent: number;
  readonly cpuPeakPercent: number;
  /** CPU use of those is of `workload.threads` cores too, and within a step not known to the child. */
  readonly readings: readonly Reading[];
  /** Those whose CPU time was followed from outside, after those that divide the step. */
  readonly watchedSteps: readonly WatchedStep[];
  /** Null where the runtime has none. */
  readonly trace: StepTrace | null;
  /** By the runtime's allocator, over the timed steps; null on a CPU. */
  readonly gpuMemory: { readonly allocatedPeakBytes: number; readonly reservedPeakBytes: number } | null;
}

/** Why a measurement gave no result; `code` is stable. */
export interface ChildFailure {
  readonly code:
    | 'does-not-fit'
    | 'untrainable'
    | 'counts-out-of-range'
    | 'non-finite-loss'
    | 'out-of-memory'
    /** The runtime cannot compute this network in this precision on this device. */
    | 'precision-unsupported'
    /** What executes the network is not installed, or does not start. */
    | 'runtime-unavailable'
    /** It does not speak as agreed, or does not answer. */
    | 'runtime-failed'
    /** It ended before it had answered. */
    | 'runtime-died'
    | 'internal';
  readonly message: string;
  /** `does-not-fit` only. */
  readonly plannedPeakBytes?: number;
  readonly memoryBudgetBytes?: number;
  /** `runtime-died` only. */
  readonly exitCode?: number | null;
  readonly signal?: NodeJS.Signals | null;
}

/** Sent by the measuring child process to the service. */
export type ChildMessage =
  | { readonly type: 'ready' }
  | {
      readonly type: 'progress';
      readonly phase: MeasuringPhase;
      readonly step: number;
      readonly windowSeconds: number | null;
    }
  /** Another process than the one that says this computes from now on: memory and CPU are those of that one. */
  | { readonly type: 'computing'; readonly pid: number }
  /** From now on the CPU time of the measuring process is to be followed, until it is over. */
  | { readonly type: 'watch-cpu' }
  | { readonly type: 'result'; readonly result: ChildResult }
  | { readonly type: 'failed'; readonly failure: ChildFailure };
