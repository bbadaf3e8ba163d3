import type { Workload } from '../profiles/workload.js';

/** A central value and the ends of an interval that is to hold it in 90 of 100 cases. */
export interface Interval {
  readonly low: number;
  readonly central: number;
  readonly high: number;
}

/**
 * What of the stored measurements stands behind a prediction: `inside` the range of batches, sizes and counts measured of
 * this architecture; `beyond` it; or the architecture was `unmeasured` here, and only its graph is known.
 */
export type Support = 'inside' | 'beyond' | 'unmeasured';

export interface Prediction {
  /** `interpolated` where the support is `inside`, else `predicted`. */
  readonly kind: 'interpolated' | 'predicted';
  readonly support: Support;
  /** Of a training step or an inference, of the whole batch. */
  readonly stepSeconds: Interval;
  /** The three divide the central value; the last two are null for inference. */
  readonly forwardSeconds: number;
  readonly backwardSeconds: number | null;
  readonly optimizerSeconds: number | null;
  /** No end of it is below the baseline. */
  readonly peakRssBytes: Interval;
  readonly baselineRssBytes: number;
  /**
   * What a limit of memory has to leave: the peak of the steps, or of loading where that is higher, less the pages of
   * files that the kernel takes back when it must.
   */
  readonly neededBytes: Interval;
  /** Measurements that were predicted from others to find how wide the interval of the time is; 0 where there are too few to try, and it is a guess. */
  readonly timeTrials: number;
  /** The same of the intervals of memory: with 0 their upper ends are no ground for a verdict. */
  readonly memoryTrials: number;
  /** 0 to 100, of the cores that the process may use. */
  readonly cpuPeakPercent: number;
  /** The measurement that would narrow the interval most; null where one of the workload itself is all that would. */
  readonly proposal: Workload | null;
}
