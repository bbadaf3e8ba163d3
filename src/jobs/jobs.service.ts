import type { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import { Problem } from '../common/problem.js';
import { jobEvents, LAST_EVENT_ID } from './job-events.js';
import { FINISHED_JOBS_KEPT, JobQueue } from './job-queue.service.js';
import { jobViewCodec, type JobView, viewJob } from './job.codec.js';
import { isOver } from './job.js';
import type { TrackedJob } from './tracked-job.js';

/** Each holds a connection, and is told of every change. */
export const MAX_EVENT_STREAMS = 100;
const STREAM_RETRY_SECONDS = 10;

/** What the jobs' endpoints answer. */
@Injectable()
export class JobsService {
  private openStreams = 0;

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
   * @throws Problem 404; 503 when too many are open
   */
  events(id: string, lastSeen: string | undefined): Readable | null {
    const tracked = this.find(id);
    if (lastSeen === LAST_EVENT_ID && isOver(tracked.job)) return null;
    if (this.openStreams >= MAX_EVENT_STREAMS) {
      throw new Problem(
        'too-many-streams',
        503,
        `${MAX_EVENT_STREAMS} streams of events are open, and no more can be. Ask for the job itself now and then, or try again in ${STREAM_RETRY_SECONDS} s.`,
        { headers: { 'retry-after': String(STREAM_RETRY_SECONDS) }, extensions: { max_streams: MAX_EVENT_STREAMS } },
      );
    }
    const events = jobEvents(tracked, (one) => this.view(one));
    this.openStreams++;
    events.once('close', () => this.openStreams--);
    return events;
  }

  /** @throws Problem 404; Problem 500, 503 or 507 where it could not be written; Problem 409 when there is nothing left to cancel */
  async cancel(id: string): Promise<void> {
    const tracked = this.find(id);
    const { state } = tracked.job;
    // What could not be written the first time may be now.
    if (state === 'cancelled' && tracked.unkept === null) return;
    if (isOver(tracked.job) && state !== 'cancelled') {
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
