import { comparison, repeatability } from '../../../bench/repeatability.js';

describe('repeatability', () => {
  it('is half of the deviations from the median, as a share of it', () => {
    expect(repeatability([100, 104, 97, 101, 90])).toEqual({ median: 100, lowest: 90, highest: 104, deviation: 0.03 });
  });

  it('takes of an even number the mean of the two in the middle', () => {
    const { median, deviation } = repeatability([98, 99, 101, 106]);
    expect(median).toBe(100);
    expect(deviation).toBeCloseTo(0.015);
  });

  it('is not moved by a single run that was disturbed', () => {
    expect(repeatability([100, 100, 101, 99, 300]).deviation).toBeCloseTo(0.01);
  });

  it('is nothing of no figures', () => {
    expect(() => repeatability([])).toThrow(RangeError);
  });
});

describe('comparison', () => {
  it('finds the same where the median lies within what was measured alone', () => {
    expect(comparison([100, 98, 103], [102, 110, 97])).toMatchObject({ ratio: 1.02, same: true });
  });

  it.each([[[104, 105, 100]], [[97, 96, 100]]])('finds another where %j are beside', (after) => {
    expect(comparison([100, 98, 103], after).same).toBe(false);
  });
});
