import { ProgressFollower } from '../../../src/profiling/measuring-progress.js';
import type { MeasuringPhase } from '../../../src/profiling/protocol.js';

describe('the progress of a measurement', () => {
  let seconds: number;
  let follower: ProgressFollower;

  beforeEach(() => {
    seconds = 1000;
    follower = new ProgressFollower({ maxSteps: 100, maxSeconds: 60 }, () => seconds);
  });

  const follow = (phase: MeasuringPhase, step: number, windowSeconds: number | null = null) =>
    follower.follow({ type: 'progress', phase, step, windowSeconds });

  it('gathers the windows', () => {
    follow('timing', 3, 0.5);
    follow('timing', 4);
    expect(follow('timing', 6, 0.25)).toMatchObject({ phase: 'timing', step: 6, windowsSeconds: [0.5, 0.25] });
    expect(follow('tracing', 0).windowsSeconds).toEqual([0.5, 0.25]);
  });

  it('cannot tell the time left before a step was run', () => {
    expect([follow('building', 0), follow('loading', 0), follow('warmup', 0)].map((one) => one.secondsLeft)).toEqual([
      null,
      null,
      null,
    ]);
  });

  it('tells what the limit of seconds leaves, and the traced steps', () => {
    follow('warmup', 0);
    seconds += 4;
    expect(follow('warmup', 2).secondsLeft).toBe(56 + 7 * 2);
    seconds += 6;
    expect(follow('timing', 3, 1.5).secondsLeft).toBe(50 + 7 * 1.5);
  });

  it('tells what the limit of steps leaves, where that is less', () => {
    follow('warmup', 0);
    seconds += 1;
    follow('warmup', 10);
    expect(follow('timing', 20, 0.1).secondsLeft).toBeCloseTo(70 * 0.1 + 14 * 0.1);
  });

  it('counts the traced steps down', () => {
    follow('warmup', 0);
    seconds += 61;
    expect(follow('timing', 40, 1.5).secondsLeft).toBe(10.5);
    expect([0, 1, 7].map((step) => follow('tracing', step).secondsLeft)).toEqual([10.5, 9, 0]);
  });
});
