import { centred, intervalOf, trialsOf } from '../../../src/prediction/intervals.js';

/** Errors of 1 % to `count` %, in no order, on either side. */
const errors = (count: number): number[] =>
  Array.from({ length: count }, (_, index) => ((index % 2 ? 1 : -1) * (((index * 7) % count) + 1)) / 100);

describe('an interval', () => {
  it('is as wide as the error of rank 0.9 (n + 1)', () => {
    const { low, central, high } = intervalOf(10, 'inside', new Map([['inside', errors(19)]]));
    expect(central).toBe(10);
    expect(high).toBeCloseTo(10 * Math.exp(0.18), 9);
    expect(low).toBeCloseTo(10 / Math.exp(0.18), 9);
  });

  it('holds nine of ten where the next error is like the earlier ones', () => {
    const random = (index: number): number => Math.sin(index * 12.9898) * 43_758.5453;
    const drawn = Array.from({ length: 2000 }, (_, index) => random(index) - Math.floor(random(index)) - 0.5);
    let held = 0;
    for (let start = 0; start < 2000; start += 20) {
      const { low, high } = intervalOf(1, 'beyond', new Map([['beyond', drawn.slice(start, start + 19)]]));
      const next = Math.exp(drawn[start + 19] ?? NaN);
      if (next >= low && next <= high) held += 1;
    }
    expect(held).toBeGreaterThan(82);
    expect(held).toBeLessThan(98);
  });

  it('is that of the next weaker support where there are fewer than nine errors', () => {
    const residuals = new Map([
      ['inside', errors(8)],
      ['beyond', errors(3)],
      ['unmeasured', errors(29)],
    ] as const);
    expect(intervalOf(1, 'inside', residuals)).toEqual(intervalOf(1, 'unmeasured', residuals));
    expect(intervalOf(1, 'inside', new Map([['inside', errors(9)]])).high).toBeCloseTo(Math.exp(0.09), 9);
  });

  it('is wide where no error is known', () => {
    expect(intervalOf(6, 'inside', new Map()).high).toBeCloseTo(18, 9);
  });

  it('says how many errors it was taken from, and that there are too few', () => {
    const residuals = new Map([
      ['inside', errors(8)],
      ['beyond', errors(9)],
      ['unmeasured', errors(8)],
    ] as const);
    expect(trialsOf('inside', residuals)).toBe(9);
    expect(trialsOf('unmeasured', residuals)).toBe(0);
    expect(trialsOf('beyond', new Map())).toBe(0);
  });
});

describe('centred residuals', () => {
  it('of unmeasured architectures are taken from what they are usually off by', () => {
    const unmeasured = errors(11).map((error) => error + 0.2);
    const { residuals, unmeasuredFactor } = centred(new Map([['unmeasured', unmeasured]]));
    const usual = Math.log(unmeasuredFactor);
    expect(usual).toBeCloseTo(0.19, 9);
    residuals.get('unmeasured')?.forEach((error, index) => {
      expect(error).toBeCloseTo((unmeasured[index] ?? NaN) - usual, 9);
    });
    expect(residuals.get('unmeasured')).toHaveLength(11);
  });

  it('are as they were where there are few, or where the architecture was measured', () => {
    const few = new Map([
      ['unmeasured', errors(8)],
      ['inside', errors(20).map((error) => error + 0.2)],
    ] as const);
    expect(centred(few)).toEqual({ residuals: few, unmeasuredFactor: 1 });
  });
});
