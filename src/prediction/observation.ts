import type { OperatorCost } from '../profiles/step-trace.js';
import type { Workload } from '../profiles/workload.js';

/** What predictions take from a measurement of this machine; times in seconds, memory in bytes. */
export interface Observation {
  /** The measurement's. */
  readonly id: string;
  readonly workload: Workload;
  /** Median of a training step or an inference, of the whole batch. */
  readonly stepSeconds: number;
  readonly forwardSeconds: number;
  /** Null for inference. */
  readonly backwardSeconds: number | null;
  /** Null for inference. */
  readonly optimizerSeconds: number | null;
  readonly baselineRssBytes: number;
  readonly peakRssBytes: number;
  /** Until the workload was loaded; null where it was not measured. */
  readonly loadingPeakRssBytes: number | null;
  /** Of the resident set, what the kernel takes back when it must; null where it was not measured. */
  readonly fileRssBytes: number | null;
  /** 0 to 100, of the cores that the process may use. */
  readonly cpuPeakPercent: number;
  /** What each kind and shape of operator took; null where no trace was kept. */
  readonly costs: readonly OperatorCost[] | null;
}
