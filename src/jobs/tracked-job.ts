import { Subject } from 'rxjs';
import type { ProfileStorageError } from '../profiles/storage.error.js';
import type { MeasuringProgress } from '../profiling/measuring-progress.js';
import { isOver, type Job } from './job.js';

/** A job in this process of the service, and those who watch it. */
export class TrackedJob {
  /** Told of every change; completes when there will be no more in this process. */
  readonly changes = new Subject<void>();
  /** Ends the measurement when the job is cancelled or the service closes. */
  readonly ending = new AbortController();
  /** Why it could not be written as it is now; null when it was, or is still to be. */
  unkept: ProfileStorageError | null = null;
  private now: Job;
  private latestProgress: MeasuringProgress | null = null;
  private changesSoFar = 0;

  constructor(job: Job) {
    this.now = job;
  }

  get job(): Job {
    return this.now;
  }

  get progress(): MeasuringProgress | null {
    return this.latestProgress;
  }

  /** Counts the changes in this process. */
  get revision(): number {
    return this.changesSoFar;
  }

  change(changes: Partial<Job>): void {
    this.now = { ...this.now, ...changes };
    this.tell();
    if (isOver(this.now)) this.changes.complete();
  }

  advance(progress: MeasuringProgress): void {
    this.latestProgress = progress;
    this.tell();
  }

  /** Also when something has changed around the job, such as its place in the queue. */
  tell(): void {
    this.changesSoFar++;
    this.changes.next();
  }
}
