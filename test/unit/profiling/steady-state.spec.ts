import { type OwnReader, runToSteadyState, type SteadyState } from '../../../src/profiling/child/steady-state.js';

interface Run {
  readonly state: SteadyState;
  readonly steps: number;
  /** Phase and step of each report, such as `timing 3`; windows' medians follow as `timing 3: 0.2`. */
  readonly reports: readonly string[];
  /** Steps that had been done when the memory peak was reset. */
  readonly resetAfter: readonly number[];
}

interface Circumstances {
  readonly stepSeconds: (step: number) => number;
  readonly maxSteps?: number;
  readonly maxSeconds?: number;
  readonly threads?: number;
  readonly cpuSecondsPerSecond?: number;
  readonly canReset?: boolean;
}

/** Runs steps that take as long as said on a clock that only they move. */
async function run(circumstances: Circumstances): Promise<Run> {
  let now = 1000;
  let steps = 0;
  const reports: string[] = [];
  const resetAfter: number[] = [];
  const reader: OwnReader = {
    read: () => ({
      rssBytes: 100 + steps,
      peakRssBytes: 500,
      cpuSeconds: now * (circumstances.cpuSecondsPerSecond ?? 1),
    }),
    resetPeak: () => {
      resetAfter.push(steps);
      return circumstances.canReset ?? true;
    },
  };
  const state = await runToSteadyState(
    () => {
      now += circumstances.stepSeconds(steps++);
      return Promise.resolve(null);
    },
    {
      limits: { maxSteps: circumstances.maxSteps ?? 60, maxSeconds: circumstances.maxSeconds ?? 30 },
      threads: circumstances.threads ?? 1,
      reader,
      clock: () => now,
      onStep: (phase, step, windowSeconds) =>
        reports.push(`${phase} ${step}${windowSeconds === null ? '' : `: ${windowSeconds.toFixed(2)}`}`),
    },
  );
  return { state, steps, reports, resetAfter };
}

describe('runToSteadyState', () => {
  it('warms up with two steps, and stops after three windows that agree', async () => {
    const { state, steps, reports } = await run({ stepSeconds: () => 0.4 });
    expect(state.stable).toBe(true);
    expect(state.warmupSteps).toBe(2);
    expect(steps).toBe(2 + 9);
    expect(state.stepSeconds.median).toBeCloseTo(0.4);
    expect(state.stepSeconds.count).toBe(9);
    expect(reports).toEqual([
      'warmup 0',
      'warmup 1',
      'warmup 2',
      'timing 0',
      'timing 1',
      'timing 2',
      'timing 3: 0.40',
      'timing 4',
      'timing 5',
      'timing 6: 0.40',
      'timing 7',
      'timing 8',
      'timing 9: 0.40',
    ]);
  });

  it('leaves a slow first step to the warm-up', async () => {
    const { state, steps, resetAfter } = await run({ stepSeconds: (step) => (step < 1 ? 3 : 0.2) });
    // No more steps than would be needed without it, and its memory is not the peak's.
    expect(steps).toBe(2 + 9);
    expect(resetAfter).toEqual([2]);
    expect(state.stepSeconds.p95).toBeCloseTo(0.2);
  });

  it('goes on until the times have come to rest, and reports those alone', async () => {
    const { state } = await run({ stepSeconds: (step) => 0.4 + Math.max(0, 20 - step) * 0.02 });
    expect(state.stable).toBe(true);
    expect(state.stepSeconds.median).toBeLessThan(0.45);
    expect(state.stepSeconds.count).toBe(9);
  });

  it('compares medians, so that a single disturbed step is no unrest', async () => {
    const { state } = await run({ stepSeconds: (step) => (step === 6 ? 2 : 0.4) });
    expect(state.stable).toBe(true);
    expect(state.stepSeconds.median).toBeCloseTo(0.4);
    expect(state.stepSeconds.p95).toBeGreaterThan(0.4);
  });

  it('says that it is not stable when the limit of steps comes first, and reports all timed steps', async () => {
    const { state, steps } = await run({ stepSeconds: (step) => 0.1 * (step + 1), maxSteps: 14 });
    expect(state.stable).toBe(false);
    expect(steps).toBe(14);
    expect(state.stepSeconds.count).toBe(14 - state.warmupSteps);
  });

  it('says that it is not stable when the limit of seconds comes first', async () => {
    const { state, steps } = await run({ stepSeconds: (step) => 0.5 * (step % 5) + 0.1, maxSeconds: 10 });
    expect(state.stable).toBe(false);
    expect(steps).toBeLessThan(20);
  });

  it('times two steps after the reset of the memory peak however long they take', async () => {
    const { state, steps, resetAfter } = await run({ stepSeconds: () => 40 });
    expect(resetAfter).toEqual([2]);
    expect(steps).toBe(4);
    expect(state.stable).toBe(false);
    expect(state.stepSeconds.count).toBe(2);
  });

  it('takes windows of single steps where the limit leaves no room for more', async () => {
    const { state, steps } = await run({ stepSeconds: () => 5 });
    expect(state.stable).toBe(true);
    expect(steps).toBe(2 + 3);
  });

  it('takes windows of half a second of quick steps, as far as the limit of steps allows', async () => {
    const { state } = await run({ stepSeconds: () => 0.055, maxSteps: 1000 });
    expect(state.warmupSteps).toBe(10);
    expect(state.stepSeconds.count).toBe(30);
    const { state: limited } = await run({ stepSeconds: () => 0.001, maxSteps: 40 });
    expect(limited.stable).toBe(true);
    expect(limited.stepSeconds.count).toBe(30);
  });

  it.each([
    ['not, where they leave room for all', { stepSeconds: () => 0.4 }, false],
    ['not, where quick steps take as long as windows need', { stepSeconds: () => 0.055, maxSteps: 1000 }, false],
    ['in the windows, by steps', { stepSeconds: () => 0.4, maxSteps: 10 }, true],
    ['in the windows, by seconds', { stepSeconds: () => 5 }, true],
    ['in the warm-up', { stepSeconds: () => 0.1, maxSteps: 8 }, true],
    ['before windows agreed', { stepSeconds: (step: number) => 0.4 * (step + 1) }, true],
  ])('says whether the limits cut it short: %s', async (_where, circumstances, shortened) => {
    expect((await run(circumstances)).state.shortened).toBe(shortened);
  });

  it('keeps to the fewest steps that can be asked for', async () => {
    const { state, steps } = await run({ stepSeconds: () => 0.4, maxSteps: 4 });
    expect([state.warmupSteps, steps, state.stable]).toEqual([2, 4, false]);
  });

  it('times a step to its end, and not to its launch', async () => {
    let now = 0;
    const { stepSeconds } = await runToSteadyState(
      // As on a device that works while the program goes on: the call is over long before the work.
      () =>
        new Promise((resolve) => {
          now += 0.001;
          setImmediate(() => {
            now += 0.4;
            resolve(null);
          });
        }),
      {
        limits: { maxSteps: 60, maxSeconds: 30 },
        threads: 1,
        reader: { read: () => ({ rssBytes: 1, peakRssBytes: 1, cpuSeconds: now }), resetPeak: () => true },
        clock: () => now,
        onStep: () => undefined,
      },
    );
    expect(stepSeconds.median).toBeCloseTo(0.401);
  });

  it('relates CPU time to the threads', async () => {
    const { state } = await run({ stepSeconds: () => 0.4, threads: 4, cpuSecondsPerSecond: 3 });
    expect(state.cpuMeanPercent).toBeCloseTo(75);
    expect(state.cpuPeakPercent).toBeCloseTo(75);
  });

  it("gives the kernel's peak only where it could be reset", async () => {
    const { state } = await run({ stepSeconds: () => 0.4 });
    expect(state.peakRssBytes).toBe(500);
    expect(state.endRssBytes).toBe(111);
    const { state: without } = await run({ stepSeconds: () => 0.4, canReset: false });
    expect(without.peakRssBytes).toBeNull();
  });

  it('passes on what goes wrong in a step', async () => {
    const failing = run({
      stepSeconds: (step) => {
        if (step === 3) throw new Error('no more memory');
        return 0.4;
      },
    });
    await expect(failing).rejects.toThrow('no more memory');
  });
});
