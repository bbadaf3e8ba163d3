import { trustIn, usableCosts } from '../../../src/prediction/trust.js';
import type { OperatorCost } from '../../../src/profiles/step-trace.js';

const traced = (seconds: number): OperatorCost[] => [
  {
    phase: 'forward',
    operator: 'Conv',
    producer: '',
    form: [],
    multiplyAccumulates: 0,
    bytes: 0,
    weightBytes: 0,
    decidedByRun: false,
    count: 1,
    seconds,
  },
];

describe('costs of a trace', () => {
  it.each([
    ['none were kept', null],
    ['there are none', []],
    ['they took no time', traced(0)],
    ['their time is not a number', traced(NaN)],
  ])('are of no use where %s', (_what, costs) => {
    expect(usableCosts(costs)).toBeNull();
  });

  it('are of use otherwise', () => {
    expect(usableCosts(traced(1))).toEqual(traced(1));
  });
});

describe('trust in measured steps', () => {
  const usual = [1, 2, 3].map((stepSeconds) => ({ stepSeconds, costs: traced(0.97 * stepSeconds) }));

  it('is whole where a trace takes what traces take', () => {
    for (const { step, trace } of trustIn(usual)) {
      expect(step).toBe(1);
      expect(trace).toBeCloseTo(1, 9);
    }
  });

  it('is little in a trace that took much longer than the steps, and not less in these', () => {
    const trust = trustIn([...usual, { stepSeconds: 1, costs: traced(2) }]).at(-1);
    expect(trust?.trace).toBeLessThan(0.1);
    expect(trust?.step).toBe(1);
  });

  it('is little in steps that took much longer than the trace', () => {
    const trust = trustIn([...usual, { stepSeconds: 2, costs: traced(1) }]).at(-1);
    expect(trust?.step).toBeLessThan(0.1);
  });

  it('is whole where there is no trace', () => {
    expect(trustIn([...usual, { stepSeconds: 2, costs: null }]).at(-1)?.step).toBe(1);
  });
});
