import { largestBatch } from '../../../src/prediction/fit.js';
import type { Interval, Prediction } from '../../../src/prediction/prediction.js';
import type { MemoryPlan } from '../../../src/predicting/memory-plan.js';
import { Predictions, type BatchRange, type FoundedPrediction } from '../../../src/predicting/predictions.js';
import type { Workload } from '../../../src/profiles/workload.js';
import { aMemoryPlan, founded } from '../../fixtures/predictions.js';

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

  planMemory(workload: Workload): Promise<MemoryPlan> {
    return Promise.resolve(aMemoryPlan(workload));
  }

  largestBatch(workload: Workload, budgetBytes: number, { fewest, most }: BatchRange): Promise<number> {
    const peakOf = (images: number): Interval => {
      const sized = { ...workload, batchSize: Math.max(images, fewest) };
      const planned = aMemoryPlan(sized).peakRssBytes;
      return this.behaviour(sized)?.peakRssBytes ?? { low: planned, central: planned, high: planned };
    };
    return Promise.resolve(largestBatch(peakOf, budgetBytes, most) ?? 0);
  }
}
