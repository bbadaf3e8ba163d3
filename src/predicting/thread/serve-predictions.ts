import { setImmediate } from 'node:timers/promises';
import type { Observation } from '../../prediction/observation.js';
import { decisiveNeed, largestBatch } from '../../prediction/fit.js';
import type { Interval, Prediction } from '../../prediction/prediction.js';
import type { Workload } from '../../profiles/workload.js';
import type { LivePart } from '../memory-breakdown.js';
import type { TaskName, ThreadReply, ThreadRequest, ThreadTasks } from '../thread-message.js';

/** What predicts, made anew whenever something was learned. */
export interface Predicting {
  predict(workload: Workload): Prediction | null;
  /** Learns what predictions need, with pauses in which others can be answered. */
  learn(): Iterable<void>;
}

/** What the answers come from. */
export interface Sources {
  predicting(observations: readonly Observation[]): Predicting;
  liveParts(workload: Workload): LivePart;
  plannedPeakBytes(workload: Workload): number;
  /** Makes the first answers as quick as later ones, with pauses as of {@link Predicting.learn}. */
  warmUp(measured: readonly Workload[]): Iterable<void>;
}

/** The part of `MessagePort` that is used. */
export interface Port {
  on(event: 'message', listener: (request: ThreadRequest) => void): unknown;
  postMessage(reply: ThreadReply): void;
}

/** What a thread has learned so far. */
interface Knowledge {
  readonly observations: ReadonlyMap<string, Observation>;
  readonly predicting: Predicting;
  readonly revision: number;
}

type Answer = ThreadTasks[TaskName]['answer'];

/**
 * Answers what a thread is asked, by a predictor that is made of all that it has learned. While it learns, which takes
 * seconds where there are hundreds of measurements, it answers as before.
 */
export function servePredictions(port: Port, sources: Sources): void {
  let knowledge: Knowledge = { observations: new Map(), predicting: sources.predicting([]), revision: 0 };
  let learning: Promise<unknown> = Promise.resolve();
  const learn = async (asked: ThreadTasks['learn']['asked']): Promise<Answer> => {
    // Where that fails, all is as before.
    knowledge = await learned(knowledge, asked, sources);
    if (knowledge.revision === 1) {
      // Before it is told that all is learned, as neither a request is to be slow nor a measurement to be disturbed.
      const measured = Array.from(knowledge.observations.values(), ({ workload }) => workload);
      for (const pause of sources.warmUp(measured)) await setImmediate(pause);
    }
    return { revision: knowledge.revision };
  };
  const answerTo = (request: ThreadRequest): Answer | Promise<Answer> => {
    const { predicting, revision } = knowledge;
    switch (request.task) {
      case 'learn': {
        const answer = learning.then(() => learn(request.asked));
        learning = answer.catch(() => undefined);
        return answer;
      }
      case 'predict':
        return { revision, prediction: predicting.predict(request.asked.workload) };
      case 'liveParts':
        return sources.liveParts(request.asked.workload);
      case 'plannedPeak':
        return { peakRssBytes: sources.plannedPeakBytes(request.asked.workload) };
      case 'largestBatch': {
        const { workload, budgetBytes, batches } = request.asked;
        const neededOf = (images: number): Interval => {
          // Of batches that cannot be computed nothing is asked for: the first that can decides.
          const sized = { ...workload, batchSize: Math.max(images, batches.fewest) };
          return decisiveNeed(predicting.predict(sized)) ?? exactly(sources.plannedPeakBytes(sized));
        };
        return { batchSize: largestBatch(neededOf, budgetBytes, batches.most) ?? 0 };
      }
    }
  };
  const reply = async (request: ThreadRequest): Promise<void> => {
    const { id } = request;
    try {
      port.postMessage({ id, answer: await answerTo(request) });
    } catch (error) {
      port.postMessage({ id, failure: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
  };
  port.on('message', (request) => void reply(request));
}

/** Learns all now, so that neither the first who asks has to wait for it, nor is a measurement disturbed by it. */
async function learned(
  { observations, revision }: Knowledge,
  { added, removedIds }: ThreadTasks['learn']['asked'],
  sources: Sources,
): Promise<Knowledge> {
  const next = new Map([...observations, ...added.map((one) => [one.id, one] as const)]);
  for (const id of removedIds) next.delete(id);
  const predicting = sources.predicting([...next.values()]);
  for (const pause of predicting.learn()) await setImmediate(pause);
  return { observations: next, predicting, revision: revision + 1 };
}

function exactly(value: number): Interval {
  return { low: value, central: value, high: value };
}
