import { IntervalSampler } from '../../../src/monitoring/interval-sampler.js';
import type { ProcessReading } from '../../../src/monitoring/process-reader.js';

const MEGABYTE = 1_000_000;

/** A process whose memory and CPU time follow from the time since it was looked at first. */
function processThat(behave: (milliseconds: number) => { rssBytes: number; cpuSeconds: number } | null) {
  const times: number[] = [];
  const cpuTimes: number[] = [];
  const begun = performance.now();
  const now = () => {
    const milliseconds = performance.now() - begun;
    times.push(milliseconds);
    return behave(milliseconds);
  };
  return {
    times,
    cpuTimes,
    read(): ProcessReading | null {
      cpuTimes.push(performance.now() - begun);
      const reading = now();
      return reading === null ? null : { ...reading, peakRssBytes: null };
    },
    readRssBytes: (): number | null => now()?.rssBytes ?? null,
    close: () => undefined,
  };
}

describe('IntervalSampler', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('reads every 10 ms, and once more at the end', () => {
    const observed = processThat(() => ({ rssBytes: 1, cpuSeconds: 0 }));
    const sampler = new IntervalSampler(observed, 1);
    sampler.start();
    jest.advanceTimersByTime(35);
    sampler.stop();
    expect(observed.times).toEqual([0, 10, 20, 30, 35]);
  });

  it('reads CPU time every 50 ms alone, and once more at the end', () => {
    const observed = processThat((milliseconds) => ({ rssBytes: 1, cpuSeconds: milliseconds / 1000 }));
    const sampler = new IntervalSampler(observed, 1);
    sampler.start();
    jest.advanceTimersByTime(125);
    const { samples } = sampler.stop();
    expect(observed.cpuTimes).toEqual([0, 50, 100, 125]);
    expect(samples).toHaveLength(14);
  });

  it('does not drift: a tick that comes late is not made up for, and the next is on the grid again', () => {
    const observed = processThat((milliseconds) => {
      // Time passes during this reading as it does while the event loop is held up.
      if (milliseconds === 20) jest.advanceTimersByTime(24);
      return { rssBytes: 1, cpuSeconds: 0 };
    });
    const sampler = new IntervalSampler(observed, 1);
    sampler.start();
    jest.advanceTimersByTime(46);
    sampler.stop();
    expect(observed.times).toEqual([0, 10, 20, 50, 60, 70, 70]);
  });

  it('keeps the peak of memory exactly, also when it is thinned for storage', () => {
    const observed = processThat((milliseconds) => ({
      rssBytes: milliseconds === 4560 ? 900 * MEGABYTE : 100 * MEGABYTE,
      cpuSeconds: 0,
    }));
    const sampler = new IntervalSampler(observed, 1);
    sampler.start();
    jest.advanceTimersByTime(10_000);
    const { samples, peakRssBytes } = sampler.stop();
    expect(peakRssBytes).toBe(900 * MEGABYTE);
    expect(samples.length).toBeLessThanOrEqual(200);
    expect(samples).toContainEqual(expect.objectContaining({ seconds: 4.56, rssBytes: 900 * MEGABYTE }));
  });

  it.each([10, 17, 50, 250, 1000])('takes any interval, and keeps the peak of all readings: %d ms', (interval) => {
    const observed = processThat((milliseconds) => ({
      rssBytes: milliseconds === 300 * interval ? 900 * MEGABYTE : 100 * MEGABYTE + milliseconds,
      cpuSeconds: milliseconds / 1000,
    }));
    const sampler = new IntervalSampler(observed, 2, interval / 1000);
    sampler.start();
    jest.advanceTimersByTime(1000 * interval);
    const { samples, peakRssBytes, cpuPeakPercent } = sampler.stop();
    expect(observed.times.slice(0, 1001)).toEqual(Array.from({ length: 1001 }, (_, index) => index * interval));
    expect(peakRssBytes).toBe(900 * MEGABYTE);
    expect(cpuPeakPercent).toBeCloseTo(50);
    expect(samples.length).toBeLessThanOrEqual(200);
    expect(samples.length).toBeGreaterThan(50);
    expect(samples).toContainEqual(expect.objectContaining({ rssBytes: 900 * MEGABYTE }));
  });

  it('takes CPU utilisation of the cores given, 0 to 100, and no sample exceeds the peak', () => {
    const observed = processThat((milliseconds) => ({
      rssBytes: 1,
      cpuSeconds: milliseconds < 500 ? milliseconds / 1000 : 0.5 + (2 * (milliseconds - 500)) / 1000,
    }));
    const sampler = new IntervalSampler(observed, 2);
    sampler.start();
    jest.advanceTimersByTime(1000);
    const { samples, cpuMeanPercent, cpuPeakPercent } = sampler.stop();
    expect(cpuMeanPercent).toBeCloseTo(75);
    expect(cpuPeakPercent).toBeCloseTo(100);
    expect(samples[0]?.cpuPercent).toBeCloseTo(50);
    expect(Math.max(...samples.map((sample) => sample.cpuPercent))).toBeLessThanOrEqual(100);
  });

  it('keeps what it saw when the process ends meanwhile', () => {
    const observed = processThat((milliseconds) =>
      milliseconds > 200 ? null : { rssBytes: 5, cpuSeconds: milliseconds / 1000 },
    );
    const sampler = new IntervalSampler(observed, 1);
    sampler.start();
    jest.advanceTimersByTime(400);
    const { samples, peakRssBytes, cpuMeanPercent } = sampler.stop();
    expect(samples).toHaveLength(21);
    expect(peakRssBytes).toBe(5);
    expect(cpuMeanPercent).toBeCloseTo(100);
  });

  it('reads no more once it is stopped', () => {
    const observed = processThat(() => ({ rssBytes: 1, cpuSeconds: 0 }));
    const sampler = new IntervalSampler(observed, 1);
    sampler.start();
    sampler.stop();
    const readings = observed.times.length;
    jest.advanceTimersByTime(100);
    sampler.stop();
    expect(observed.times).toHaveLength(readings);
  });
});
