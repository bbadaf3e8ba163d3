import type { Prediction } from '../../../src/prediction/prediction.js';
import { Predictions, type FoundedPrediction } from '../../../src/predicting/predictions.js';
import type { Workload } from '../../../src/profiles/workload.js';
import { founded } from '../../fixtures/predictions.js';

/** Stands in for what predicts: as long as a test says nothing else, nothing is known. */
export class FakePredictions extends Predictions {
  readonly asked: Workload[] = [];
  behaviour: (workload: Workload) => Prediction | null = () => null;

  predict(workload: Workload): Promise<FoundedPrediction | null> {
    this.asked.push(workload);
    const prediction = this.behaviour(workload);
    return Promise.resolve(prediction && founded(prediction));
  }
}
