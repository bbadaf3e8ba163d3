import { LruCache } from '../common/lru-cache.js';
import type { Workload } from '../profiles/workload.js';
import { ApplicationModel } from './application-model.js';
import type { Observation } from './observation.js';
import type { Prediction } from './prediction.js';
import { RUNTIME_MODELS } from './runtime-model.js';
import { analysisKey, WorkloadAnalyses } from './workload-analyses.js';

/** Predictions that are kept, some 2 kB each. */
const MOST_KEPT = 5000;

/** Predicts what was never measured from what was, on the same machine. Deterministic; reads and writes nothing. */
export class Predictor {
  private readonly models = new Map<string, ApplicationModel>();
  private readonly predictions = new LruCache<string, Prediction | null>(MOST_KEPT);

  /** @param analyses shared by predictors that follow each other, as more is measured */
  constructor(
    private readonly observations: readonly Observation[],
    private readonly analyses = new WorkloadAnalyses(),
  ) {
    analyses.makeRoomFor(observations.length);
  }

  /** @returns null where nothing that was measured says anything of such a workload @throws UnknownArchitectureError */
  predict(workload: Workload): Prediction | null {
    const key = `${conditionsKey(workload)} ${analysisKey(workload)}`;
    const kept = this.predictions.get(key);
    if (kept !== undefined) return kept;
    const prediction = this.modelOf(workload)?.predict(workload) ?? null;
    this.predictions.set(key, prediction);
    return prediction;
  }

  /**
   * Learns from all the measurements, for some seconds where there are hundreds; otherwise the first predictions do. Pauses
   * after some milliseconds each, in which others may be answered.
   */
  *learn(): Generator<void> {
    for (const { workload } of this.observations) {
      const model = this.modelOf(workload);
      if (model) yield* model.learn();
    }
  }

  private modelOf(workload: Workload): ApplicationModel | null {
    const key = conditionsKey(workload);
    const known = this.models.get(key);
    if (known) return known;
    const observations = this.observations.filter((observation) => conditionsKey(observation.workload) === key);
    if (observations.length === 0) return null;
    const model = new ApplicationModel(observations, this.analyses, RUNTIME_MODELS[workload.runtime]);
    this.models.set(key, model);
    return model;
  }
}

/** Under other conditions the same operators take other times. */
function conditionsKey({ applicationType, threads, device, runtime, precision, optimizer }: Workload): string {
  return [applicationType, threads, device, runtime, precision, optimizer].join(' ');
}
