import type { Interval, Prediction, Support } from '../../src/prediction/prediction.js';
import type { ApplicationType } from '../../src/profiles/workload.js';
import type { MeasuredPoint } from './measured-point.js';
import type { Exam, Question } from './questions.js';

/** Of times a step of training or an inference, in seconds; of memory the peak, in bytes. */
export type Quantity = 'training' | 'inference' | 'memory';

/** What was predicted of a figure, and what it was measured to be. */
export interface Outcome {
  readonly question: Question;
  readonly quantity: Quantity;
  readonly architecture: string;
  readonly applicationType: ApplicationType;
  /** Id of the measurement. */
  readonly measurement: string;
  readonly measured: number;
  readonly predicted: Interval;
}

/** Of what was asked of a predictor. */
export interface Answers {
  readonly outcomes: readonly Outcome[];
  /** Asked, but not predicted. */
  readonly unanswered: number;
}

/** What a predictor is asked: `Predictor` with all that is known. */
export type Predict = (point: MeasuredPoint) => Prediction | null;

/** What a question is about: what is left out may be an end of the range, and is then beyond what is left. */
const SUPPORTS: Readonly<Record<Question, Support>> = {
  interpolation: 'inside',
  extrapolation: 'beyond',
  unmeasured: 'unmeasured',
};

/** Each that is asked counts where what is known supports it in the way that the question is about. */
export function answersOf({ question, asked }: Exam, predict: Predict): Answers {
  const predictions = asked.map((point) => ({ point, prediction: predict(point) }));
  return {
    outcomes: predictions.flatMap(({ point, prediction }) =>
      prediction?.support === SUPPORTS[question] ? outcomesOf(question, point, prediction) : [],
    ),
    unanswered: predictions.filter(({ prediction }) => prediction === null).length,
  };
}

function outcomesOf(question: Question, { observation }: MeasuredPoint, prediction: Prediction): readonly Outcome[] {
  const { id, workload, stepSeconds, peakRssBytes } = observation;
  const { architecture, applicationType } = workload;
  const shared = { question, architecture, applicationType, measurement: id };
  return [
    { ...shared, quantity: applicationType, measured: stepSeconds, predicted: prediction.stepSeconds },
    { ...shared, quantity: 'memory', measured: peakRssBytes, predicted: prediction.peakRssBytes },
  ];
}
