import { CpuCurve, CpuCurveSampler } from '../../../src/monitoring/cpu-curve.js';
import type { ProcessReading } from '../../../src/monitoring/process-reader.js';

describe('CpuCurve', () => {
  const curve = new CpuCurve();
  for (const [seconds, cpuSeconds] of [
    [10, 1],
    [11, 3],
    [12, 3],
    [14, 4],
  ] as const) {
    curve.add(seconds, cpuSeconds);
  }

  it.each([
    [10, 11, 2],
    [10.5, 11, 1],
    [10.25, 13, 2],
    [11, 12, 0],
    [10, 14, 3],
  ])('knows what was used from %d to %d, between readings as if evenly', (begin, end, used) => {
    expect(curve.cpuSecondsBetween(begin, end)).toBeCloseTo(used);
  });

  it.each([
    [9.9, 11],
    [13, 14.1],
  ])('knows nothing of what was before the first reading or after the last: %d to %d', (begin, end) => {
    expect(curve.cpuSecondsBetween(begin, end)).toBeNull();
  });
});

describe('CpuCurveSampler', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('reads every 10 ms until it is stopped, and passes over a process that has ended', () => {
    const clock = (): number => performance.now() / 1000;
    const begun = clock();
    const read = jest.fn((): ProcessReading | null =>
      clock() - begun > 0.05 ? null : { rssBytes: 1, peakRssBytes: null, cpuSeconds: 2 * (clock() - begun) },
    );
    const sampler = new CpuCurveSampler({ read }, clock);
    sampler.start();
    jest.advanceTimersByTime(100);
    const curve = sampler.stop();
    const readings = read.mock.calls.length;
    jest.advanceTimersByTime(100);
    expect(sampler.stop()).toBe(curve);
    expect(read).toHaveBeenCalledTimes(readings);
    expect(readings).toBe(12);
    expect(curve.cpuSecondsBetween(begun + 0.005, begun + 0.045)).toBeCloseTo(0.08);
    expect(curve.cpuSecondsBetween(begun, begun + 0.06)).toBeNull();
  });
});
