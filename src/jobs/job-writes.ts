import { Logger } from '@nestjs/common';
import { messageOf, ProfileStorageError } from '../profiles/storage.error.js';
import type { JobsRepository } from './jobs.repository.js';
import type { TrackedJob } from './tracked-job.js';

/**
 * Writes of jobs, one after the other: of each job the last state is the one that remains. Measuring goes on where jobs
 * cannot be written; then they do not survive the service.
 */
export class JobWrites {
  private readonly logger = new Logger(JobWrites.name);
  private last: Promise<void> = Promise.resolve();

  constructor(private readonly repository: JobsRepository) {}

  /** When all writes so far are over. Never rejects. */
  get settled(): Promise<void> {
    return this.last;
  }

  /** As the job is when its turn to be written comes; `unkept` then says whether it is. Never rejects. */
  save(tracked: TrackedJob): Promise<void> {
    return this.write(async () => {
      try {
        await this.repository.save(tracked.job);
        tracked.unkept = null;
      } catch (error) {
        tracked.unkept = ProfileStorageError.of(error, 'The job');
        throw tracked.unkept;
      }
    });
  }

  /** Never rejects. */
  remove(id: string): Promise<void> {
    return this.write(() => this.repository.remove(id));
  }

  private write(write: () => Promise<void>): Promise<void> {
    this.last = this.last.then(write).catch((error: unknown) => {
      this.logger.warn(`A job could not be written: ${messageOf(error)}`);
    });
    return this.last;
  }
}
