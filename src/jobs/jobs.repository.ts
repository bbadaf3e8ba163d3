import type { Job } from './job.js';

/** Where jobs are kept, so that they survive the service. */
export abstract class JobsRepository {
  /** All that can be read, in the order of their turns; what cannot be read is told to the log and left out. */
  abstract load(): Promise<readonly Job[]>;

  /** When the promise resolves, the job outlives a crash as it is now. */
  abstract save(job: Job): Promise<void>;

  abstract remove(id: string): Promise<void>;
}
