import type { Job } from './job.js';
import type { TrackedJob } from './tracked-job.js';

/** What a measurement takes as long as none was made: mostly 10 to 30 seconds. */
const FIRST_GUESS_SECONDS = 20;
/** Jobs that succeeded last, of which the mean is taken. */
const REMEMBERED = 10;

/** When to ask again, in whole seconds from 1: a guess from the time that the last measurements took. */
export class Forecast {
  private readonly usualSeconds: number;

  /** @param jobs in the order of their turns */
  constructor(
    private readonly jobs: readonly TrackedJob[],
    private readonly now: Date,
  ) {
    const durations = jobs.flatMap(({ job }) => durationOf(job) ?? []).slice(-REMEMBERED);
    this.usualSeconds =
      durations.length === 0
        ? FIRST_GUESS_SECONDS
        : durations.reduce((sum, seconds) => sum + seconds, 0) / durations.length;
  }

  /** Until a place in the queue is free. */
  secondsUntilRoom(): number {
    return whole(this.runningSeconds());
  }

  /** Until this job is over. */
  secondsUntilOver({ job }: TrackedJob): number {
    if (job.state === 'running') return whole(this.runningSeconds());
    const before = this.jobs.filter((other) => other.job.state === 'queued' && other.job.sequence <= job.sequence);
    return whole(this.runningSeconds() + before.length * this.usualSeconds);
  }

  private runningSeconds(): number {
    const running = this.jobs.find(({ job }) => job.state === 'running');
    if (running === undefined) return 0;
    const begun = Date.parse(running.job.startedAt ?? running.job.createdAt);
    return running.progress?.secondsLeft ?? this.usualSeconds - (this.now.getTime() - begun) / 1000;
  }
}

function durationOf({ state, startedAt, endedAt }: Job): number | null {
  return state === 'succeeded' && startedAt !== null && endedAt !== null
    ? (Date.parse(endedAt) - Date.parse(startedAt)) / 1000
    : null;
}

function whole(seconds: number): number {
  return Math.max(1, Math.ceil(seconds));
}
