import type { Prediction } from '../prediction/prediction.js';
import type { Workload } from '../profiles/workload.js';

/** The measurements that a prediction rests on. */
export interface PredictionBasis {
  /** Those of the same architecture and application type, newest first; empty where there are none. */
  readonly measurementIds: readonly string[];
  /** All of this machine that took part, of whatever architecture. */
  readonly measurementCount: number;
  /** Whether the very workload that is predicted is among them. */
  readonly hasWorkload: boolean;
}

/** A prediction with what it rests on. */
export interface FoundedPrediction {
  readonly prediction: Prediction;
  readonly basis: PredictionBasis;
}

/** Predicts from what was measured on this machine with what it has now. Nothing is run or measured for it. */
export abstract class Predictions {
  /** @returns null where nothing was measured that it could go by */
  abstract predict(workload: Workload): Promise<FoundedPrediction | null>;
}
