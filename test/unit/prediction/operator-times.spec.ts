import type { Terms } from '../../../src/prediction/cost-terms.js';
import { termsOf } from '../../../src/prediction/cost-terms.js';
import { operatorKind } from '../../../src/prediction/operator-kind.js';
import { OperatorTimes, type TracedOperators } from '../../../src/prediction/operator-times.js';
import { measuredWork } from '../../../src/prediction/step-work.js';
import type { OperatorCost } from '../../../src/profiles/step-trace.js';

const COUNTS = { images: 1, threads: 2, matched: 0, found: 0 };

type Cost = Omit<OperatorCost, 'seconds'>;

/** A convolution over so many positions. */
function convolution(channels: number, positions: number, producer = 'Relu'): Cost {
  return {
    phase: 'forward',
    operator: 'Conv',
    producer,
    form: [channels, channels, 1, 1, 1, 1, 1, 0, 0, 0, 0, 1, 1],
    multiplyAccumulates: channels * channels * positions,
    bytes: 8 * channels * positions,
    weightBytes: 4 * channels * channels,
    decidedByRun: false,
    count: 1,
  };
}

function addition(bytes: number): Cost {
  const { phase, producer, decidedByRun, count } = convolution(1, 1);
  return {
    phase,
    operator: 'Add',
    producer,
    form: [],
    multiplyAccumulates: 0,
    bytes,
    weightBytes: 0,
    decidedByRun,
    count,
  };
}

function traced(costs: readonly Cost[], secondsOf: (cost: Cost) => number): TracedOperators {
  const works = measuredWork(
    costs.map((cost) => ({ ...cost, seconds: secondsOf(cost) })),
    COUNTS,
  );
  return { works, stepSeconds: works.reduce((sum, { seconds }) => sum + seconds, 0), trust: 1 };
}

function seconds(times: OperatorTimes, cost: Cost): number {
  const coefficients: Terms = times.coefficientsOf(operatorKind(cost));
  return termsOf(cost, COUNTS).reduce((sum, term, index) => sum + term * (coefficients[index] ?? NaN), 0);
}

const truth = ({ multiplyAccumulates, bytes }: Cost): number => 2e-5 + 1e-11 * multiplyAccumulates + 5e-11 * bytes;

describe('times of operators', () => {
  const costs = [64, 128, 256].flatMap((channels) =>
    [100, 400, 1600, 6400].map((positions) => convolution(channels, positions)),
  );
  const times = OperatorTimes.of([traced([...costs, addition(1e6), addition(4e6)], truth)]);

  it.each([
    ['a kind that was measured, with more to do', convolution(128, 12_800)],
    ['a kind that was measured, with less to do', convolution(128, 50)],
    ['a kind between measured ones', convolution(192, 1600)],
    ['a kind after another operator', convolution(128, 1600, 'Add')],
  ])('are those of %s', (_what, cost) => {
    expect(seconds(times, cost) / truth(cost)).toBeCloseTo(1, 1);
  });

  it('go by the nearest kinds', () => {
    const slow = (cost: Cost): number => (cost.form[0] === 256 ? 1.5 : 1) * truth(cost);
    const uneven = OperatorTimes.of([traced(costs, slow)]);
    expect(seconds(uneven, convolution(64, 3200)) / truth(convolution(64, 3200))).toBeCloseTo(1, 1);
    expect(seconds(uneven, convolution(256, 3200)) / truth(convolution(256, 3200))).toBeGreaterThan(1.35);
  });

  it('are nothing where the runtime fuses an operator into the one before', () => {
    const fused = (cost: Cost): number => (cost.operator === 'Add' && cost.producer === 'Conv' ? 0 : truth(cost));
    const after = (producer: string, bytes: number): Cost => ({ ...addition(bytes), producer });
    const additions = [1e6, 2e6, 8e6].flatMap((bytes) => [after('Conv', bytes), after('Mul', bytes)]);
    const both = OperatorTimes.of([traced([...costs, ...additions], fused)]);
    expect(seconds(both, after('Conv', 4e6))).toBeLessThan(0.05 * truth(addition(4e6)));
    expect(seconds(both, after('Mul', 4e6)) / truth(addition(4e6))).toBeGreaterThan(0.85);
  });

  it('of an operator that was never measured are what all have in common', () => {
    const unknown = { ...addition(4e6), operator: 'Sub' };
    expect(seconds(times, unknown)).toBeGreaterThan(0.3 * truth(addition(4e6)));
    expect(seconds(times, unknown)).toBeLessThan(3 * truth(addition(4e6)));
  });

  it('never fall with more to do', () => {
    const noisy = OperatorTimes.of([
      traced(costs, (cost) => truth(cost) * (1 + 0.5 * Math.sin(cost.multiplyAccumulates))),
    ]);
    for (const channels of [48, 64, 100, 256, 300]) {
      for (const coefficient of noisy.coefficientsOf(operatorKind(convolution(channels, 1)))) {
        expect(coefficient).toBeGreaterThanOrEqual(0);
      }
    }
  });

  it('are hardly changed by one operator that was disturbed', () => {
    const [first] = costs.slice(5);
    const disturbed = OperatorTimes.of([
      traced(costs, (cost) => (cost === first ? 10 : 1) * truth(cost)),
      traced(costs, truth),
    ]);
    const asked = convolution(128, 1000);
    expect(Math.abs(seconds(disturbed, asked) / truth(asked) - 1)).toBeLessThan(0.1);
  });

  it('without a trace are those of the others', () => {
    const wrong = traced(costs, (cost) => 2 * truth(cost));
    const right = traced([...costs, addition(1e6)], truth);
    const asked = convolution(128, 3200);
    const rest = OperatorTimes.of([right, wrong]).without([wrong]);
    expect(seconds(rest, asked) / truth(asked)).toBeCloseTo(1, 1);
    expect(seconds(OperatorTimes.of([right]).without([right]), asked)).toBe(0);
  });
});
