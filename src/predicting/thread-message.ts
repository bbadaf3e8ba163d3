import type { Observation } from '../prediction/observation.js';
import type { Prediction } from '../prediction/prediction.js';
import type { Workload } from '../profiles/workload.js';
import type { LivePart } from './memory-breakdown.js';
import type { BatchRange } from './predictions.js';

/** What the thread can be asked for. It does one thing after the other, in the order in which they come, but answers others while it learns. */
export interface ThreadTasks {
  /** From now on predictions rest on these too, and no longer on those with the ids. */
  learn: {
    readonly asked: { readonly added: readonly Observation[]; readonly removedIds: readonly string[] };
    /** Counts the times that something was learned. */
    readonly answer: { readonly revision: number };
  };
  predict: {
    readonly asked: { readonly workload: Workload };
    readonly answer: { readonly revision: number; readonly prediction: Prediction | null };
  };
  liveParts: {
    readonly asked: { readonly workload: Workload };
    readonly answer: LivePart;
  };
  plannedPeak: {
    readonly asked: { readonly workload: Workload };
    readonly answer: { readonly peakRssBytes: number };
  };
  largestBatch: {
    readonly asked: { readonly workload: Workload; readonly budgetBytes: number; readonly batches: BatchRange };
    /** 0 where not even a single image fits. */
    readonly answer: { readonly batchSize: number };
  };
}

export type TaskName = keyof ThreadTasks;

/** A task on its way to the thread; its answer has the same number. */
export type ThreadRequest = {
  [Name in TaskName]: { readonly id: number; readonly task: Name; readonly asked: ThreadTasks[Name]['asked'] };
}[TaskName];

export type ThreadReply =
  | { readonly id: number; readonly answer: ThreadTasks[TaskName]['answer'] }
  | { readonly id: number; readonly failure: string };
