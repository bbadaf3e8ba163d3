import { parentPort } from 'node:worker_threads';
import { Predictor } from '../../prediction/predictor.js';
import { warmUp } from '../../prediction/warm-up.js';
import { WorkloadAnalyses } from '../../prediction/workload-analyses.js';
import { liveParts, plannedPeakBytes } from './planned-memory.js';
import { servePredictions } from './serve-predictions.js';

if (parentPort !== null) {
  // Of what was learned before, no graph is built again.
  const analyses = new WorkloadAnalyses();
  servePredictions(parentPort, {
    predicting: (observations) => new Predictor(observations, analyses),
    liveParts,
    plannedPeakBytes,
    warmUp,
  });
}
