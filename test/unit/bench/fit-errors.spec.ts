import { fitErrors } from '../../../bench/accuracy/fit-trials.js';

describe('fitErrors', () => {
  it('counts verdicts of each kind, and those that were not borne out', () => {
    const trials = [
      { verdict: true, outcome: 'ran' },
      { verdict: true, outcome: 'out of memory' },
      { verdict: true, outcome: 'too slow' },
      { verdict: false, outcome: 'out of memory' },
      { verdict: false, outcome: 'ran' },
    ] as const;
    expect(fitErrors(trials)).toEqual({ fits: 3, wrongFits: 2, doesNotFit: 2, wrongDoesNotFit: 1 });
  });
});
