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

/** Traced runs that are counted; one more goes before them to warm up. */
export const TRACED_RUNS = 5;

export type MeasuringPhase = 'building' | 'loading' | 'warmup' | 'timing' | 'tracing';

/** When the phases of a traced step ended. */
export interface TracedStep {
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
  /** CPU time over wall time of the timed steps; 0 to 100, of `workload.threads` cores. */
  readonly cpuMeanPercent: number;
  readonly cpuPeakPercent: number;
  /** CPU use of those is of `workload.threads` cores too, and within a step not known to the child. */
  readonly readings: readonly Reading[];
  /** Without the one that warmed up. */
  readonly tracedSteps: readonly TracedStep[];
  readonly trace: StepTrace;
}

/** Why a measurement gave no result; `code` is stable. */
export interface ChildFailure {
  readonly code:
    'does-not-fit' | 'untrainable' | 'counts-out-of-range' | 'non-finite-loss' | 'out-of-memory' | 'internal';
  readonly message: string;
  /** `does-not-fit` only. */
  readonly plannedPeakBytes?: number;
  readonly memoryBudgetBytes?: number;
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
  | { readonly type: 'result'; readonly result: ChildResult }
  | { readonly type: 'failed'; readonly failure: ChildFailure };
