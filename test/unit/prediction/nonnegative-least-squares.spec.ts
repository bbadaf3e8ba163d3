import { nonnegativeLeastSquares } from '../../../src/prediction/nonnegative-least-squares.js';

const none = (count: number): number[] => new Array<number>(count).fill(0);

/** Numbers between -1 and 1 that are the same in each run. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return (2 * state) / 2_147_483_647 - 1;
  };
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, index) => sum + value * (b[index] ?? NaN), 0);
}

describe('nonnegativeLeastSquares', () => {
  it('finds what the targets were made of', () => {
    const rows = [
      [1, 2, 1e9],
      [1, 5, 2e9],
      [1, 3, 7e9],
      [1, 8, 1e9],
    ];
    const targets = rows.map(([, second = 0, third = 0]) => 4 + 0.5 * second + 3e-9 * third);
    const [first, second, third] = nonnegativeLeastSquares({ rows, targets, ridge: none(3), prior: none(3) });
    expect(first).toBeCloseTo(4, 6);
    expect(second).toBeCloseTo(0.5, 6);
    expect(Number(third) * 1e9).toBeCloseTo(3, 6);
  });

  it('gives 0 to a column that would be negative, and the best to the others', () => {
    const rows = [
      [1, 0],
      [1, 1],
      [1, 2],
    ];
    const [first, second] = nonnegativeLeastSquares({ rows, targets: [3, 2, 1], ridge: none(2), prior: none(2) });
    expect(first).toBeCloseTo(2, 12);
    expect(second).toBe(0);
  });

  it('is drawn to the prior as strongly as the ridge says', () => {
    const problem = { rows: [[1]], targets: [1], prior: [3] };
    expect(nonnegativeLeastSquares({ ...problem, ridge: [0] })[0]).toBeCloseTo(1, 12);
    expect(nonnegativeLeastSquares({ ...problem, ridge: [1] })[0]).toBeCloseTo(2, 12);
    expect(nonnegativeLeastSquares({ ...problem, ridge: [1e9] })[0]).toBeCloseTo(3, 6);
  });

  it('leaves columns at their prior of which no row says anything, and at 0 without a ridge', () => {
    const problem = { rows: [[2, 0]], targets: [4], prior: [0, 7] };
    expect(nonnegativeLeastSquares({ ...problem, ridge: [0, 1e-3] })[1]).toBeCloseTo(7, 12);
    expect(nonnegativeLeastSquares({ ...problem, ridge: [0, 0] })).toEqual([2, 0]);
    expect(nonnegativeLeastSquares({ rows: [], targets: [], ridge: [1, 4], prior: [5, 6] })).toEqual([5, 6]);
  });

  it('makes do with columns that are multiples of each other', () => {
    const rows = [
      [1, 2],
      [2, 4],
    ];
    const [first = NaN, second = NaN] = nonnegativeLeastSquares({
      rows,
      targets: [6, 12],
      ridge: none(2),
      prior: none(2),
    });
    expect(first + 2 * second).toBeCloseTo(6, 9);
  });

  it.each(Array.from({ length: 50 }, (_, seed) => seed + 1))(
    'meets the conditions of the least: no column could help any more (seed %d)',
    (seed) => {
      const next = numbers(seed);
      const count = 1 + (seed % 9);
      const list = (length: number): number[] => Array.from({ length }, next);
      const rows = Array.from({ length: (seed % 13) + 1 }, () => list(count));
      const targets = list(rows.length);
      const ridge = list(count).map((value) => 0.01 + Math.abs(value));
      const prior = list(count).map(Math.abs);
      const x = nonnegativeLeastSquares({ rows, targets, ridge, prior });
      expect(x).toHaveLength(count);
      const misses = rows.map((row, index) => dot(row, x) - (targets[index] ?? NaN));
      x.forEach((value, j) => {
        const column = rows.map((row) => row[j] ?? NaN);
        const slope = dot(column, misses) + (ridge[j] ?? NaN) * (value - (prior[j] ?? NaN));
        expect(value).toBeGreaterThanOrEqual(0);
        if (value > 0) expect(slope).toBeCloseTo(0, 8);
        else expect(slope).toBeGreaterThanOrEqual(-1e-8);
      });
    },
  );

  it('refuses parts that do not fit together', () => {
    expect(() => nonnegativeLeastSquares({ rows: [[1, 2]], targets: [1], ridge: [0], prior: [0] })).toThrow(RangeError);
    expect(() => nonnegativeLeastSquares({ rows: [[1]], targets: [], ridge: [0], prior: [0] })).toThrow(RangeError);
  });
});
