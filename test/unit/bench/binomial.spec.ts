import { binomialTest } from '../../../bench/accuracy/binomial.js';

describe('binomialTest', () => {
  // By SciPy 1.17.1, `scipy.stats.binomtest(k, n, p).pvalue`; the first is the example of R's `binom.test` too (0.3825).
  it.each([
    [682, 925, 0.75, 0.3824915595748517],
    [6, 10, 0.9, 0.012795198399999989],
    [165, 200, 0.9, 0.0012693433705207023],
    [195, 200, 0.9, 7.760018001408379e-5],
    [200, 200, 0.9, 1.623106262659834e-9],
    [850, 1000, 0.9, 6.536140136047097e-7],
    [0, 5, 0.5, 0.0625],
  ])('of %d of %d with %d is what SciPy says', (successes, trials, probability, p) => {
    expect(binomialTest(successes, trials, probability) / p).toBeCloseTo(1, 7);
  });

  it('is 1 of what is likeliest', () => {
    expect(binomialTest(180, 200, 0.9)).toBeCloseTo(1, 12);
  });

  it('is certain where nothing was tried', () => {
    expect(binomialTest(0, 0, 0.9)).toBe(1);
  });

  it('has no answer for more successes than trials', () => {
    expect(() => binomialTest(6, 5, 0.9)).toThrow(RangeError);
  });
});
