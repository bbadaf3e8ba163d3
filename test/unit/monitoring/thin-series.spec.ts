import { thinSeries } from '../../../src/monitoring/thin-series.js';

const NUMBERS = Array.from({ length: 1000 }, (_, index) => (index === 617 ? 5000 : index === 333 ? -80 : index % 13));
const highest = (value: number): number => value;
const lowest = (value: number): number => -value;

describe('thinSeries', () => {
  it('leaves a short series as it is', () => {
    expect(thinSeries([3, 1, 2], 3, [highest])).toEqual([3, 1, 2]);
  });

  it('keeps no more than wanted, with the highest by each figure', () => {
    const kept = thinSeries(NUMBERS, 40, [highest, lowest]);
    expect(kept.length).toBeLessThanOrEqual(40);
    expect(kept).toEqual(expect.arrayContaining([5000, -80]));
    expect(thinSeries(NUMBERS, 40, [highest])).not.toContain(-80);
  });

  it('keeps the order', () => {
    expect(thinSeries([1, 9, 2, 3, 8, 4], 2, [highest])).toEqual([9, 8]);
  });
});
