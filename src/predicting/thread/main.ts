import { parentPort } from 'node:worker_threads';
import { LruCache } from '../../common/lru-cache.js';
import { Predictor } from '../../prediction/predictor.js';
import { warmUp } from '../../prediction/warm-up.js';
import { WorkloadAnalyses } from '../../prediction/workload-analyses.js';
import { workloadKey } from '../../profiles/workload-key.js';
import { liveParts, plannedPeakBytes } from './planned-memory.js';
import { servePredictions } from './serve-predictions.js';

/** Each looks for some 20 batches. */
const MOST_PLANS = 2000;

if (parentPort !== null) {
  // Of what was learned before, no graph is built again; nor of what was planned, as when the largest batch is looked for.
  const analyses = new WorkloadAnalyses();
  const plans = new LruCache<string, number>(MOST_PLANS);
  servePredictions(parentPort, {
    predicting: (observations) => new Predictor(observations, analyses),
    liveParts,
    plannedPeakBytes: (workload) => {
      const key = workloadKey(workload);
      const planned = plans.get(key) ?? plannedPeakBytes(workload);
      plans.set(key, planned);
      return planned;
    },
    warmUp,
  });
}
