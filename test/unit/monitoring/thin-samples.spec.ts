import { thinSamples } from '../../../src/monitoring/thin-samples.js';
import type { Sample } from '../../../src/profiles/measurement.js';

const series = (count: number): Sample[] =>
  Array.from({ length: count }, (_, index) => ({
    seconds: index / 100,
    rssBytes: index === 1234 ? 9_000_000 : 1000 + (index % 7),
    cpuPercent: index === 2345 ? 99 : index % 50,
  }));

describe('thinSamples', () => {
  it('leaves a short series as it is', () => {
    expect(thinSamples(series(200), 200)).toEqual(series(200));
  });

  it('keeps at most as many as wanted', () => {
    const kept = thinSamples(series(3001), 200);
    expect(kept.length).toBeLessThanOrEqual(200);
    expect(kept.length).toBeGreaterThanOrEqual(100);
  });

  it('keeps the peaks of memory and of CPU, where they were', () => {
    const kept = thinSamples(series(3001), 200);
    expect(kept).toContainEqual(expect.objectContaining({ seconds: 12.34, rssBytes: 9_000_000 }));
    expect(kept).toContainEqual(expect.objectContaining({ seconds: 23.45, cpuPercent: 99 }));
  });

  it('keeps the order and covers the whole series', () => {
    const seconds = thinSamples(series(3001), 200).map((sample) => sample.seconds);
    expect(seconds).toEqual([...seconds].sort((a, b) => a - b));
    expect(seconds[0]).toBeLessThan(0.31);
    expect(seconds.at(-1)).toBeGreaterThan(29.7);
  });
});
