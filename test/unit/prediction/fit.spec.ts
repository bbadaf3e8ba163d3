import { fits, largestBatch, neededBytes } from '../../../src/prediction/fit.js';
import type { Interval } from '../../../src/prediction/prediction.js';

/** 100 bytes and 10 an image, 5 % more at most. */
function peakOf(images: number): Interval {
  const central = 100 + 10 * images;
  return { low: 0.95 * central, central, high: 1.05 * central };
}

describe('neededBytes', () => {
  it.each([
    [{ peakRssBytes: 500, loadingPeakRssBytes: 300, fileRssBytes: 60 }, 440],
    [{ peakRssBytes: 500, loadingPeakRssBytes: 700, fileRssBytes: 60 }, 640],
    [{ peakRssBytes: 500, loadingPeakRssBytes: null, fileRssBytes: null }, 500],
  ])('of %j are %d', (memory, needed) => {
    expect(neededBytes(memory)).toBe(needed);
  });
});

describe('fits', () => {
  it('goes by the upper end of the interval, which may be the whole budget', () => {
    const peak = { low: 90, central: 100, high: 110 };
    expect(fits(peak, 110)).toBe(true);
    expect(fits(peak, 109)).toBe(false);
  });
});

describe('largestBatch', () => {
  it.each([
    [115.5, 1],
    [126, 2],
    [125, 1],
    [1.05 * 1100, 100],
  ])('within %d bytes is %d', (budget, images) => {
    expect(largestBatch(peakOf, budget, 1024)).toBe(images);
  });

  it('is the largest one that fits, whatever the budget', () => {
    for (let budget = 116; budget < 400; budget += 1) {
      const largest = largestBatch(peakOf, budget, 1024) ?? 0;
      expect(fits(peakOf(largest), budget)).toBe(true);
      expect(fits(peakOf(largest + 1), budget)).toBe(false);
    }
  });

  it('is no larger than what is looked at', () => {
    expect(largestBatch(peakOf, 1e9, 1024)).toBe(1024);
  });

  it('is none where a single image is too much', () => {
    expect(largestBatch(peakOf, 100, 1024)).toBe(0);
  });

  it('is not known where nothing is', () => {
    expect(largestBatch(() => null, 1000, 1024)).toBeNull();
  });

  describe('with intervals that are narrower for some batches than for smaller and larger ones', () => {
    const jumping = (images: number): Interval => {
      const central = 100 + 10 * images;
      const width = images >= 5 && images <= 7 ? 1.02 : 2;
      return { low: central / width, central, high: central * width };
    };

    it('is never below a batch that fits', () => {
      for (let budget = 100; budget < 600; budget += 1) {
        const fitting = Array.from({ length: 64 }, (_, index) => index + 1).filter((images) =>
          fits(jumping(images), budget),
        );
        expect(largestBatch(jumping, budget, 64)).toBe(Math.max(0, ...fitting));
      }
    });
  });

  it('asks for few batches', () => {
    const asked: number[] = [];
    largestBatch((images) => (asked.push(images), peakOf(images)), 500, 1024);
    expect(asked.length).toBeLessThan(20);
    expect(new Set(asked).size).toBe(asked.length);
  });
});
