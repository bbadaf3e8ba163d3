import type { MeasuredNetwork, OperatorTime, ReachedCounts, Reading, StepTimes } from '../profiles/measurement.js';
import type { StepTrace } from '../profiles/step-trace.js';
import type { Workload } from '../profiles/workload.js';

/** Limits within which the child brings its timings to rest. */
export interface MeasuringLimits {
  readonly maxSteps: number;
  readonly maxSeconds: number;
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

/** What the child knows of a measurement; memory and CPU from outside are added by the parent. */
export interface ChildResult {
  readonly network: MeasuredNetwork;
  readonly reached: ReachedCounts;
  readonly times: StepTimes;
  readonly operators: readonly OperatorTime[];
  readonly losses: Readonly<Record<string, number>> | null;
  readonly baselineRssBytes: number;
  /** Kernel's high-water mark over the timed steps; null where the system keeps none that can be reset. */
  readonly peakRssBytes: number | null;
  /** CPU time over wall time of the timed steps; 0 to 100, of `workload.threads` cores. */
  readonly cpuMeanPercent: number;
  readonly cpuPeakPercent: number;
  readonly readings: readonly Reading[];
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
