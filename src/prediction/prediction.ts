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
  /** Measurements that were predicted from others to find how wide the interval of the time is; 0 where there are too few to try, and it is a guess. */
  readonly timeTrials: number;
  /** The same of the interval of the peak: with 0 its upper end is no ground for a verdict. */
  readonly memoryTrials: number;
  /** 0 to 100, of the cores that the process may use. */
  readonly cpuPeakPercent: number;
  /** The measurement that would narrow the interval most; null where one of the workload itself is all that would. */
  readonly proposal: Workload | null;
}
