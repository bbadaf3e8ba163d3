import type { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import { Problem } from '../common/problem.js';
import { jobEvents, LAST_EVENT_ID } from './job-events.js';
import { FINISHED_JOBS_KEPT, JobQueue } from './job-queue.service.js';
import { jobViewCodec, type JobView, viewJob } from './job.codec.js';
import { isOver } from './job.js';
import type { TrackedJob } from './tracked-job.js';

/** What the jobs' endpoints answer. */
@Injectable()
export class JobsService {
  constructor(private readonly queue: JobQueue) {}

  /** Those that are not over in the order of their turns, then those that are, the last first. */
  list(): { jobs: unknown[] } {
    const all = this.queue.list();
    const over = all.filter(({ job }) => isOver(job));
    over.sort((left, right) => (right.job.endedAt ?? '').localeCompare(left.job.endedAt ?? ''));
    return { jobs: [...all.filter(({ job }) => !isOver(job)), ...over].map((tracked) => this.encode(tracked)) };
  }

  /** @throws Problem 404 */
  get(id: string): unknown {
    return this.encode(this.find(id));
  }

  /**
   * @param lastSeen id of the last event that the client has seen, if any
   * @returns null when it has seen them all
   * @throws Problem 404
   */
  events(id: string, lastSeen: string | undefined): Readable | null {
    const tracked = this.find(id);
    return lastSeen === LAST_EVENT_ID && isOver(tracked.job) ? null : jobEvents(tracked, (one) => this.view(one));
  }

  /** @throws Problem 404; Problem 409 when there is nothing left to cancel */
  async cancel(id: string): Promise<void> {
    const tracked = this.find(id);
    const { state } = tracked.job;
    if (state === 'cancelled') return;
    if (isOver(tracked.job)) {
      throw new Problem('job-over', 409, `The job has ${state} already; only what is queued or running is cancelled.`, {
        extensions: { state },
      });
    }
    await this.queue.cancel(tracked);
  }

  encode(tracked: TrackedJob): unknown {
    return jobViewCodec.encode(this.view(tracked));
  }

  private view(tracked: TrackedJob): JobView {
    return viewJob(tracked.job, this.queue.positionOf(tracked), tracked.progress);
  }

  private find(id: string): TrackedJob {
    const tracked = this.queue.find(id);
    if (tracked === null) {
      throw new Problem(
        'unknown-job',
        404,
        `There is no job of this id. GET /api/v1/jobs lists them, of those that are over the last ${FINISHED_JOBS_KEPT}.`,
      );
    }
    return tracked;
  }
}
