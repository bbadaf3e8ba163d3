import type { Observation } from '../../prediction/observation.js';
import { largestBatch } from '../../prediction/fit.js';
import type { Interval, Prediction } from '../../prediction/prediction.js';
import type { Workload } from '../../profiles/workload.js';
import type { LivePart } from '../memory-breakdown.js';
import type { TaskName, ThreadReply, ThreadRequest, ThreadTasks } from '../thread-message.js';

/** What predicts, made anew whenever something was learned. */
export interface Predicting {
  predict(workload: Workload): Prediction | null;
}

/** What the answers come from. */
export interface Sources {
  predicting(observations: readonly Observation[]): Predicting;
  liveParts(workload: Workload): LivePart;
  plannedPeakBytes(workload: Workload): number;
}

/** The part of `MessagePort` that is used. */
export interface Port {
  on(event: 'message', listener: (request: ThreadRequest) => void): unknown;
  postMessage(reply: ThreadReply): void;
}

/** Answers what a thread is asked, by a predictor that is made of all that it has learned. */
export function servePredictions(port: Port, sources: Sources): void {
  let observations: ReadonlyMap<string, Observation> = new Map();
  let revision = 0;
  let predicting = sources.predicting([]);
  const answerTo = (request: ThreadRequest): ThreadTasks[TaskName]['answer'] => {
    switch (request.task) {
      case 'learn': {
        const { added, removedIds } = request.asked;
        const next = new Map([...observations, ...added.map((one) => [one.id, one] as const)]);
        for (const id of removedIds) next.delete(id);
        // Where that fails, all is as before.
        predicting = sources.predicting([...next.values()]);
        warmUp(predicting, [...next.values()]);
        observations = next;
        revision += 1;
        return { revision };
      }
      case 'predict':
        return { revision, prediction: predicting.predict(request.asked.workload) };
      case 'liveParts':
        return sources.liveParts(request.asked.workload);
      case 'plannedPeak':
        return { peakRssBytes: sources.plannedPeakBytes(request.asked.workload) };
      case 'largestBatch': {
        const { workload, budgetBytes, batches } = request.asked;
        const peakOf = (images: number): Interval => {
          // Of batches that cannot be computed the peak is not asked for: the first that can decides.
          const sized = { ...workload, batchSize: Math.max(images, batches.fewest) };
          return predicting.predict(sized)?.peakRssBytes ?? exactly(sources.plannedPeakBytes(sized));
        };
        return { batchSize: largestBatch(peakOf, budgetBytes, batches.most) ?? 0 };
      }
    }
  };
  port.on('message', (request) => {
    const { id } = request;
    try {
      port.postMessage({ id, answer: answerTo(request) });
    } catch (error) {
      port.postMessage({ id, failure: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
  });
}

function exactly(value: number): Interval {
  return { low: value, central: value, high: value };
}

/**
 * What predicts may put off its work until it is asked, of each kind of workload for itself: it is done now, so that
 * neither the first who asks has to wait for it, nor is a measurement disturbed by it.
 */
function warmUp(predicting: Predicting, observations: readonly Observation[]): void {
  const kinds = new Map(observations.map((one) => [`${one.workload.applicationType} ${one.workload.threads}`, one]));
  for (const { workload } of kinds.values()) {
    try {
      predicting.predict(workload);
    } catch {
      // It is told when somebody asks for it.
    }
  }
}
