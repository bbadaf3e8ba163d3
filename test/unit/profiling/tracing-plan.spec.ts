import { TRACED_RUNS, tracedRunCount, tracingPlan } from '../../../src/profiling/protocol.js';

describe('tracingPlan', () => {
  it.each([0.06, 0.1, 0.15, 0.21, 0.35, 0.7, 10])(
    'follows steps of %d s long enough to tell the CPU use of a phase that is a quarter of them',
    (stepSeconds) => expect((tracingPlan(stepSeconds).further * stepSeconds) / 4).toBeGreaterThan(0.1),
  );

  it('runs slow steps as seldom, and quick ones as often, as serves', () => {
    expect(tracingPlan(10)).toEqual({ warmups: 1, counted: TRACED_RUNS, further: 1 });
    expect(tracingPlan(0.001)).toEqual({ warmups: 4, counted: TRACED_RUNS, further: 8 });
    expect(tracedRunCount(0.001)).toBe(17);
  });
});
