import { distributionOf } from '../../../src/profiling/child/distribution.js';

describe('distributionOf', () => {
  it('interpolates between timings, in whatever order they come', () => {
    const timings = Array.from({ length: 21 }, (_, index) => ((index * 8) % 21) + 1);
    expect(distributionOf(timings)).toEqual({ median: 11, p05: 2, p95: 20, count: 21 });
    expect(distributionOf([1, 2])).toEqual({ median: 1.5, p05: 1.05, p95: 1.95, count: 2 });
  });

  it('is one timing when there is only one', () => {
    expect(distributionOf([0.3])).toEqual({ median: 0.3, p05: 0.3, p95: 0.3, count: 1 });
  });

  it('refuses to describe nothing', () => {
    expect(() => distributionOf([])).toThrow(RangeError);
  });
});
