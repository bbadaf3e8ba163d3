import type { Prediction } from '../prediction/prediction.js';
import type { Workload } from '../profiles/workload.js';
import type { LivePart } from './memory-breakdown.js';

/** The measurements that a prediction rests on. */
export interface PredictionBasis {
  /** Those of the same architecture and application type with the same runtime, newest first; empty where there are none. */
  readonly measurementIds: readonly string[];
  /** All of this machine and this runtime that took part, of whatever architecture. */
  readonly measurementCount: number;
  /** Whether the very workload that is predicted is among them. */
  readonly hasWorkload: boolean;
}

/** A prediction with what it rests on. */
export interface FoundedPrediction {
  readonly prediction: Prediction;
  readonly basis: PredictionBasis;
}

/** Batches that are looked at. */
export interface BatchRange {
  /** The smallest that can be computed. */
  readonly fewest: number;
  readonly most: number;
}

/** Predicts from what was measured on this machine with what it has now. Nothing is run or measured for it. */
export abstract class Predictions {
  /** @returns null where nothing was measured that it could go by @throws PredictingError */
  abstract predict(workload: Workload): Promise<FoundedPrediction | null>;

  /**
   * Resolves, and never rejects, when all that was measured until now has been learned, as far as it can be: learning
   * beside a measurement would disturb it.
   */
  abstract settle(): Promise<void>;

  /** What the workload's tensors take at its peak, by its graph alone, whatever was measured. @throws PredictingError */
  abstract liveParts(workload: Workload): Promise<LivePart>;

  /** The peak of the process, by the workload's graph alone, whatever was measured. @throws PredictingError */
  abstract plannedPeakBytes(workload: Workload): Promise<number>;

  /**
   * The largest batch of the workload that fits by prediction, or by plan where no interval of the peak has been tried out.
   *
   * @returns 0 where not even the smallest fits
   * @throws PredictingError
   */
  abstract largestBatch(workload: Workload, budgetBytes: number, batches: BatchRange): Promise<number>;
}
