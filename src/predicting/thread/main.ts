import { parentPort } from 'node:worker_threads';
import { Predictor } from '../../prediction/predictor.js';
import { liveParts, plannedPeakBytes } from './planned-memory.js';
import { servePredictions } from './serve-predictions.js';

if (parentPort !== null) {
  servePredictions(parentPort, {
    predicting: (observations) => new Predictor(observations),
    liveParts,
    plannedPeakBytes,
  });
}
