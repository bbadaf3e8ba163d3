import { answersOf } from '../../../bench/accuracy/outcome.js';
import type { Question } from '../../../bench/accuracy/questions.js';
import type { Prediction, Support } from '../../../src/prediction/prediction.js';
import { measuredPoint } from '../../fixtures/measured-points.js';

function prediction(support: Support): Prediction {
  return {
    kind: support === 'inside' ? 'interpolated' : 'predicted',
    support,
    stepSeconds: { low: 0.4, central: 0.45, high: 0.55 },
    forwardSeconds: 0.2,
    backwardSeconds: 0.2,
    optimizerSeconds: 0.05,
    peakRssBytes: { low: 300_000_000, central: 390_000_000, high: 410_000_000 },
    baselineRssBytes: 50_000_000,
    neededBytes: { low: 250_000_000, central: 340_000_000, high: 360_000_000 },
    cpuPeakPercent: 97,
    timeTrials: 100,
    memoryTrials: 100,
    proposal: null,
  };
}

describe('answersOf', () => {
  const trained = measuredPoint('trained');
  const used = measuredPoint('used', { applicationType: 'inference' });

  it('holds time and memory against what was measured', () => {
    const { outcomes } = answersOf({ question: 'interpolation', known: [], asked: [trained, used] }, () =>
      prediction('inside'),
    );
    expect(outcomes).toMatchObject([
      { measurement: 'trained', quantity: 'training', measured: 0.5, predicted: { central: 0.45 } },
      { measurement: 'trained', quantity: 'memory', measured: 400_000_000, predicted: { central: 390_000_000 } },
      { measurement: 'used', quantity: 'inference', measured: 0.5, predicted: { central: 0.45 } },
      { measurement: 'used', quantity: 'memory', measured: 400_000_000, predicted: { central: 390_000_000 } },
    ]);
  });

  it.each<[Question, Support, number]>([
    ['interpolation', 'inside', 2],
    ['interpolation', 'beyond', 0],
    ['extrapolation', 'beyond', 2],
    ['extrapolation', 'inside', 0],
    ['unmeasured', 'unmeasured', 2],
    ['unmeasured', 'inside', 0],
  ])('of %s counts what is %s: %d figures', (question, support, figures) => {
    const { outcomes } = answersOf({ question, known: [], asked: [trained] }, () => prediction(support));
    expect(outcomes).toHaveLength(figures);
  });

  it('counts what could not be predicted', () => {
    const exam = { question: 'unmeasured', known: [], asked: [trained, used] } as const;
    expect(answersOf(exam, (point) => (point === used ? null : prediction('unmeasured')))).toMatchObject({
      outcomes: [{ measurement: 'trained' }, { measurement: 'trained' }],
      unanswered: 1,
    });
  });
});
