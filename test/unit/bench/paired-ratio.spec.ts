import { overheadVerdict, type Pair, type PairedRatio, pairedRatio } from '../../../bench/paired-ratio.js';

/** Pairs whose ratios lie evenly around `ratio`, as far as `spread` away. */
function pairsAround(ratio: number, spread: number, count: number): Pair[] {
  return Array.from({ length: count }, (_, index) => {
    const away = count === 1 ? 0 : (2 * index) / (count - 1) - 1;
    return { seconds: 2, watchedSeconds: 2 * (ratio + spread * away) };
  });
}

const widthOf = ({ lower, upper }: PairedRatio): number => upper - lower;

describe('pairedRatio', () => {
  it('finds the ratio exactly where all pairs agree', () => {
    const { ratio, lower, upper } = pairedRatio(pairsAround(1.02, 0, 20));
    for (const value of [ratio, lower, upper]) expect(value).toBeCloseTo(1.02);
  });

  it('holds the ratio between bounds that more pairs draw closer', () => {
    const few = pairedRatio(pairsAround(1.005, 0.05, 21));
    const many = pairedRatio(pairsAround(1.005, 0.05, 201));
    for (const { ratio, lower, upper } of [few, many]) {
      expect(ratio).toBeCloseTo(1.005);
      expect(lower).toBeLessThan(1.005);
      expect(upper).toBeGreaterThan(1.005);
    }
    expect(widthOf(many)).toBeLessThan(0.5 * widthOf(few));
    expect(widthOf(many)).toBeGreaterThan(0.1 * widthOf(few));
  });

  it('is not moved by a pause of the machine in a few pairs', () => {
    const pairs = [...pairsAround(1, 0.01, 40), ...pairsAround(5, 0, 2)];
    expect(pairedRatio(pairs).ratio).toBeLessThan(1.002);
    expect(pairedRatio(pairs).upper).toBeLessThan(1.01);
  });

  it('says the same of the same pairs', () => {
    const pairs = pairsAround(1.01, 0.1, 30);
    expect(pairedRatio(pairs)).toEqual(pairedRatio(pairs));
  });
});

describe('overheadVerdict', () => {
  it.each([
    [{ ratio: 1.002, lower: 0.998, upper: 1.009 }, 60, 'met'],
    [{ ratio: 1.02, lower: 1.011, upper: 1.03 }, 60, 'missed'],
    [{ ratio: 1.002, lower: 0.99, upper: 1.02 }, 60, 'open'],
    [{ ratio: 1.002, lower: 0.998, upper: 1.009 }, 9, 'open'],
  ] as const)('of %j in %d pairs is %s', (found, pairs, verdict) => {
    expect(overheadVerdict(found, pairs, 0.01)).toBe(verdict);
  });
});
