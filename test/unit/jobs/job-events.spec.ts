import type { Readable } from 'node:stream';
import { jobEvents } from '../../../src/jobs/job-events.js';
import { viewJob } from '../../../src/jobs/job.codec.js';
import type { Job } from '../../../src/jobs/job.js';
import { TrackedJob } from '../../../src/jobs/tracked-job.js';
import type { MeasuringProgress } from '../../../src/profiling/measuring-progress.js';
import { A_TRAINING } from '../../fixtures/measurements.js';

const RUNNING: Job = {
  id: '3f08deb6-5765-4925-beff-ed219993a05c',
  sequence: 0,
  state: 'running',
  workload: A_TRAINING,
  limits: null,
  createdAt: '2026-11-20T09:30:00.000Z',
  startedAt: '2026-11-20T09:30:01.000Z',
  endedAt: null,
  interruptions: 0,
  result: null,
  problem: null,
};

describe('the events of a job', () => {
  let tracked: TrackedJob;
  let stream: Readable;

  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ['nextTick'] });
    tracked = new TrackedJob(RUNNING);
    stream = jobEvents(tracked, ({ job, progress }) => viewJob(job, null, progress), 1000);
    stream.setEncoding('utf8');
  });

  afterEach(() => {
    stream.destroy();
    jest.useRealTimers();
  });

  const timing = (step: number, windows = 0): MeasuringProgress => ({
    phase: 'timing',
    step,
    windowsSeconds: Array.from({ length: windows }, () => 0.25),
    secondsLeft: 10,
  });

  /** What came since the last time. */
  const read = (): string => (stream.read() as string | null) ?? '';

  const steps = (text: string): string[] => [...text.matchAll(/"step":(\d+)/g)].map(([, step]) => String(step));

  it('tell steps that follow one another quickly together, but each phase and window', () => {
    expect(read()).toMatch(/^id: 0\nevent: progress\ndata: {"id":"3f08deb6.*}\n\n$/);
    for (const step of [0, 1, 2, 3]) tracked.advance(timing(step));
    tracked.advance(timing(4, 1));
    tracked.advance(timing(5, 1));
    tracked.advance({ ...timing(0, 1), phase: 'tracing' });
    expect(steps(read())).toEqual(['0', '4', '0']);
    jest.advanceTimersByTime(300);
    tracked.advance({ ...timing(1, 1), phase: 'tracing' });
    expect(steps(read())).toEqual(['1']);
  });

  it('keep the connection alive while nothing changes', () => {
    read();
    jest.advanceTimersByTime(2500);
    expect(read()).toBe(': still there\n\n: still there\n\n');
  });

  it('end with the end', async () => {
    read();
    tracked.change({ state: 'cancelled', endedAt: '2026-11-20T09:31:00.000Z' });
    expect(read()).toMatch(/^id: end\nevent: end\ndata: .*"state":"cancelled"/);
    jest.useRealTimers();
    expect(await stream.toArray()).toEqual([]);
  });

  it('do not pile up for who does not read, and end nevertheless', () => {
    for (let step = 0; step < 1000; step++) {
      tracked.advance(timing(step, step));
      jest.advanceTimersByTime(300);
    }
    jest.advanceTimersByTime(20_000_000);
    expect(stream.readableLength).toBeLessThan(100_000);
    tracked.change({ state: 'failed', endedAt: '2026-11-20T09:31:00.000Z' });
    expect(read()).toMatch(/id: end\nevent: end\ndata: .*"state":"failed".*\n\n$/);
  });

  it('leave nothing behind when the client goes', async () => {
    read();
    stream.destroy();
    await new Promise((resolve) => process.nextTick(resolve));
    expect(tracked.changes.observed).toBe(false);
    expect(jest.getTimerCount()).toBe(0);
  });
});
