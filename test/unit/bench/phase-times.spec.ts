import type { PhaseTimes } from '../../../bench/phase-times.js';
import { verdict } from '../../../bench/phase-times.js';

const DIVISION = { operatorSeconds: 0.98, shares: { forward: 0.3, backward: 0.6, optimizer: 0.1 } };
const TIMES: PhaseTimes = {
  stepSeconds: 1,
  tracedStepSeconds: 1.1,
  written: DIVISION,
  corrected: DIVISION,
  traceSecondsPerOperator: 4e-6,
  besideOperatorsSeconds: 0.01,
  operators: 1000,
  forwardOperators: 300,
  forwardAloneOperators: 300,
  forwardAloneSeconds: 0.29,
  forwardAloneOperatorSeconds: 0.288,
};

describe('the division of a step by its trace', () => {
  it('meets its goals by an untraced step and a forward pass alone', () => {
    const { forwardDifference, totalDifference, meetsGoals } = verdict(TIMES, DIVISION);
    expect(forwardDifference).toBeCloseTo(0.3 / 0.29 - 1, 9);
    expect(totalDifference).toBeCloseTo(-0.01, 9);
    expect(meetsGoals).toBe(true);
  });

  it.each([
    ['a forward pass that takes less alone', { forwardAloneSeconds: 0.28 }, {}],
    ['a forward pass that takes more alone', { forwardAloneSeconds: 0.32 }, {}],
    ['operators that take more than the step', {}, { operatorSeconds: 1.03 }],
    ['operators that take less than the step', {}, { operatorSeconds: 0.95 }],
    ['much beside the operators', { besideOperatorsSeconds: 0.06 }, {}],
  ])('misses them by %s', (_what, times, division) => {
    expect(verdict({ ...TIMES, ...times }, { ...DIVISION, ...division }).meetsGoals).toBe(false);
  });
});
