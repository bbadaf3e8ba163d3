import { errorsOf, isMet, keepsItsWord } from '../../../bench/accuracy/errors.js';
import { allMet, architectureTable, errorTable, withoutFigures } from '../../../bench/accuracy/error-tables.js';
import type { Outcome } from '../../../bench/accuracy/outcome.js';

/** @param error as a share of what was measured; @param width of the interval on either side, as a share too */
function outcome(error: number, width: number, differing: Partial<Outcome> = {}): Outcome {
  const measured = 2;
  const central = measured * (1 + error);
  return {
    question: 'interpolation',
    quantity: 'training',
    architecture: 'resnet18',
    applicationType: 'training',
    measurement: 'one',
    measured,
    predicted: { low: central - measured * width, central, high: central + measured * width },
    ...differing,
  };
}

describe('errorsOf', () => {
  it('is of shares of what was measured, above and below alike', () => {
    const errors = errorsOf([0.01, -0.03, 0.02].map((error) => outcome(error, 0.025)));
    expect(errors?.median).toBeCloseTo(0.02, 12);
    // Between the second and the third, nine tenths of the way.
    expect(errors?.p95).toBeCloseTo(0.029, 12);
  });

  it('counts what lies in its interval, whose ends are in it', () => {
    const ends = outcome(0, 0, { measured: 2, predicted: { low: 2, central: 2.1, high: 2.2 } });
    const errors = errorsOf([outcome(0.01, 0.02), outcome(0.03, 0.02), outcome(-0.03, 0.02), ends]);
    expect(errors).toMatchObject({ count: 4, held: 2 });
  });

  it('says how likely that is where nine of ten hold', () => {
    const held = Array.from({ length: 200 }, (_, index) => outcome(index < 165 ? 0.01 : 0.03, 0.02));
    expect(errorsOf(held)?.p).toBeCloseTo(0.0012693433705207, 12);
  });

  it('is nothing of nothing', () => {
    expect(errorsOf([])).toBeNull();
  });
});

describe('the verdict', () => {
  it.each([
    [0.02, 0.06, true],
    [0.021, 0.06, false],
    [0.02, 0.061, false],
  ])('of errors of %d and %d is %p where 0.02 and 0.06 are the aim', (median, p95, met) => {
    expect(isMet({ count: 9, median, p95, held: 9, p: 1 }, { median: 0.02, p95: 0.06 })).toBe(met);
  });

  it.each([
    [199, 0.5, null],
    [200, 0.01, true],
    [200, 0.0099, false],
  ])('of %d intervals with p %d is %p', (count, p, kept) => {
    expect(keepsItsWord({ count, median: 0, p95: 0, held: 0, p })).toBe(kept);
  });
});

describe('the tables', () => {
  const outcomes = [
    outcome(0.01, 0.02),
    outcome(0.028, 0.02, { architecture: 'vgg16' }),
    outcome(0.005, 0.02, { quantity: 'memory' }),
    outcome(0.3, 0.5, { question: 'unmeasured', quantity: 'inference', applicationType: 'inference' }),
  ];

  it('have a line for each question and quantity, and one for all intervals of a question', () => {
    expect(
      errorTable(outcomes, false)
        .split('\n')
        .map((line) => line.split(/ {2,}/)),
    ).toEqual([
      ['Question', 'Quantity', 'Figures', 'Median error', 'p95', 'In the interval', 'p', 'Aim', 'Verdict'],
      [
        'inside the measured range',
        'training step',
        '2',
        '1.9 %',
        '2.7 %',
        '1, 50.0 %',
        '0.19',
        '2.0 % / 6.0 %',
        'met',
      ],
      ['inside the measured range', 'peak memory', '1', '0.5 %', '0.5 %', '1, 100.0 %', '1.0', '1.0 % / 3.0 %', 'met'],
      ['inside the measured range', 'all', '3', '1.0 %', '2.6 %', '2, 66.7 %', '0.27', '90 %, p >= 0.01', 'too few'],
      [
        'an architecture never run here',
        'inference',
        '1',
        '30.0 %',
        '30.0 %',
        '1, 100.0 %',
        '1.0',
        '8.0 % / 20.0 %',
        'MISSED',
      ],
      [
        'an architecture never run here',
        'all',
        '1',
        '30.0 %',
        '30.0 %',
        '1, 100.0 %',
        '1.0',
        '90 %, p >= 0.01',
        'too few',
      ],
    ]);
  });

  it('have a line for each architecture and quantity of a question', () => {
    const [, ...lines] = architectureTable(outcomes, 'interpolation', true).split('\n').slice(1);
    expect(
      lines.map((line) =>
        line
          .split('|')
          .map((cell) => cell.trim())
          .slice(1, 4),
      ),
    ).toEqual([
      ['`resnet18`', 'training step', '1'],
      ['`resnet18`', 'peak memory', '1'],
      ['`vgg16`', 'training step', '1'],
    ]);
  });

  it('say whether all was met', () => {
    expect(allMet(outcomes)).toBe(false);
    expect(allMet(outcomes.slice(0, 3))).toBe(true);
    expect(allMet([])).toBe(false);
  });

  it('say what there is no figure for', () => {
    expect(withoutFigures([])).toHaveLength(9);
    expect(withoutFigures(outcomes)).not.toContain('training step, inside the measured range');
    expect(withoutFigures(outcomes)).toContain('inference, inside the measured range');
  });
});
