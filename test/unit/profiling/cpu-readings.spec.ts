import { CpuCurve } from '../../../src/monitoring/cpu-curve.js';
import type { Reading } from '../../../src/profiles/measurement.js';
import { cpuReadings } from '../../../src/profiling/cpu-readings.js';

const CLOCK = { cpuPercent: 60, cpuSource: 'process-clock' } as const;
const UNKNOWN = { cpuPercent: null, cpuSource: null };

const READINGS: readonly Reading[] = [
  { point: 'before', rssBytes: 1, source: 'kernel', ...CLOCK },
  { point: 'forward_end', rssBytes: 3, source: 'trace', ...UNKNOWN },
  { point: 'backward_end', rssBytes: 4, source: 'trace', ...UNKNOWN },
  { point: 'step_end', rssBytes: 2, source: 'kernel', ...CLOCK },
];

/** Two steps, whose forward passes use one core and two, and whose backward passes use a half. */
const STEPS = [
  { begun: 10, forwardEnd: 11, backwardEnd: 13 },
  { begun: 20, forwardEnd: 21, backwardEnd: 23 },
];
const CURVE = new CpuCurve();
for (const [seconds, cpuSeconds] of [
  [10, 0],
  [11, 1],
  [13, 2],
  [20, 8],
  [21, 10],
  [23, 11],
] as const) {
  CURVE.add(seconds, cpuSeconds);
}

describe('cpuReadings', () => {
  const readings = (steps = STEPS, curve: CpuCurve | null = CURVE) =>
    cpuReadings({ readings: READINGS, watchedSteps: steps }, curve, (percent) => percent / 2, 4);

  it('relates the account of the process to the cores allowed', () => {
    const [before, , , end] = readings();
    expect([before, end]).toMatchObject([
      { cpuPercent: 30, cpuSource: 'process-clock' },
      { cpuPercent: 30, cpuSource: 'process-clock' },
    ]);
  });

  it('finds the use of the phases in what was read from outside, over all traced steps', () => {
    const [, forward, backward] = readings();
    expect(forward).toEqual({ ...READINGS[1], cpuPercent: 37.5, cpuSource: 'schedstat' });
    expect(backward).toEqual({ ...READINGS[2], cpuPercent: 12.5, cpuSource: 'schedstat' });
  });

  it.each([
    ['nothing could be read from outside', STEPS, null],
    ['the phases are too short', [{ begun: 10, forwardEnd: 10.04, backwardEnd: 10.08 }], CURVE],
    ['a step was not followed', [...STEPS, { begun: 22, forwardEnd: 24, backwardEnd: 26 }], CURVE],
    ['there were no steps', [], CURVE],
  ])('says nothing of them where %s', (_why, steps, curve) => {
    const [, forward, backward] = readings(steps, curve);
    expect([forward, backward]).toEqual([READINGS[1], READINGS[2]]);
  });

  it('knows only one phase of an inference', () => {
    const steps = STEPS.map((step) => ({ ...step, backwardEnd: null }));
    const inference = { readings: READINGS.filter(({ point }) => point !== 'backward_end'), watchedSteps: steps };
    expect(cpuReadings(inference, CURVE, (percent) => percent, 4)[1]).toMatchObject({ cpuPercent: 37.5 });
  });
});
