import { Forecast } from '../../../src/jobs/forecast.js';
import type { Job, JobState } from '../../../src/jobs/job.js';
import { TrackedJob } from '../../../src/jobs/tracked-job.js';
import { A_TRAINING } from '../../fixtures/measurements.js';

const NOON = Date.parse('2026-11-20T12:00:00.000Z');

const at = (seconds: number): string => new Date(NOON + 1000 * seconds).toISOString();

let sequence = 0;

function job(state: JobState, startedAt: number | null = null, endedAt: number | null = null): TrackedJob {
  const moments = {
    createdAt: at(-1000),
    startedAt: startedAt === null ? null : at(startedAt),
    endedAt: endedAt === null ? null : at(endedAt),
  };
  const rest = { limits: null, interruptions: 0, result: null, problem: null };
  const made: Job = { id: String(sequence), sequence: sequence++, state, workload: A_TRAINING, ...moments, ...rest };
  return new TrackedJob(made);
}

describe('the forecast of jobs', () => {
  const forecast = (...jobs: TrackedJob[]): Forecast => new Forecast(jobs, new Date(NOON));

  it('takes the mean of those that succeeded, less what the running one has had', () => {
    const done = [job('succeeded', -100, -88), job('succeeded', -50, -42), job('failed', -40, -39)];
    const running = job('running', -4);
    const queued = [job('queued'), job('queued')];
    const told = forecast(...done, running, ...queued);
    expect(told.secondsUntilRoom()).toBe(6);
    expect([running, ...queued].map((one) => told.secondsUntilOver(one))).toEqual([6, 16, 26]);
  });

  it('believes the progress of the running one', () => {
    const running = job('running', -4);
    running.advance({ phase: 'timing', step: 3, windowsSeconds: [], secondsLeft: 41.5 });
    expect(forecast(running).secondsUntilRoom()).toBe(42);
  });

  it('never says less than a second', () => {
    expect(forecast(job('running', -5000)).secondsUntilRoom()).toBe(1);
    expect(forecast().secondsUntilRoom()).toBe(1);
  });
});
