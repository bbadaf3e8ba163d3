import type { Job } from './job.js';

/**
 * Where jobs are kept, so that they survive the service. Several services may share it: of the jobs that are not over,
 * each has its own.
 */
export abstract class JobsRepository {
  /**
   * Jobs that are over, and those that are not which no other living service has: this one has them from here on. All
   * that can be read, in the order of their turns; what cannot be read is told to the log and left out.
   *
   * @param known ids that are not asked for
   */
  abstract load(known: ReadonlySet<string>): Promise<readonly Job[]>;

  /**
   * When the promise resolves, the job outlives a crash as it is now.
   * @throws ProfileStorageError
   */
  abstract save(job: Job): Promise<void>;

  abstract remove(id: string): Promise<void>;

  /** Whether no other service has taken a job over, as after this process was suspended. */
  abstract isOwn(id: string): Promise<boolean>;

  /** Leaves all jobs that are not over to whichever service comes next. */
  abstract release(): Promise<void>;
}
