import { decisiveNeed, largestBatch } from '../../../src/prediction/fit.js';
import type { Interval, Prediction } from '../../../src/prediction/prediction.js';
import type { LivePart } from '../../../src/predicting/memory-breakdown.js';
import { Predictions, type BatchRange, type FoundedPrediction } from '../../../src/predicting/predictions.js';
import type { Workload } from '../../../src/profiles/workload.js';
import { aPlannedPeak, founded, someLiveParts } from '../../fixtures/predictions.js';

/** Stands in for what predicts: as long as a test says nothing else, nothing is known. */
export class FakePredictions extends Predictions {
  readonly asked: Workload[] = [];
  /** Whether it is as if each workload had been measured already. */
  hasWorkload = false;
  behaviour: (workload: Workload) => Prediction | null = () => null;

  predict(workload: Workload): Promise<FoundedPrediction | null> {
    this.asked.push(workload);
    const prediction = this.behaviour(workload);
    return Promise.resolve(prediction && founded(prediction, this.hasWorkload));
  }

  settle(): Promise<void> {
    return Promise.resolve();
  }

  liveParts(workload: Workload): Promise<LivePart> {
    return Promise.resolve(someLiveParts(workload));
  }

  plannedPeakBytes(workload: Workload): Promise<number> {
    return Promise.resolve(aPlannedPeak(workload));
  }

  largestBatch(workload: Workload, budgetBytes: number, { fewest, most }: BatchRange): Promise<number> {
    const neededOf = (images: number): Interval => {
      const sized = { ...workload, batchSize: Math.max(images, fewest) };
      const planned = aPlannedPeak(sized);
      return decisiveNeed(this.behaviour(sized)) ?? { low: planned, central: planned, high: planned };
    };
    return Promise.resolve(largestBatch(neededOf, budgetBytes, most) ?? 0);
  }
}
