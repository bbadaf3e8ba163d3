import { Predictor } from '../../src/prediction/predictor.js';
import { WorkloadAnalyses } from '../../src/prediction/workload-analyses.js';
import type { MeasuredPoint } from './measured-point.js';
import { type Answers, answersOf, type Outcome } from './outcome.js';
import { examsOf } from './questions.js';

/** Asks everything that the measurements allow to be asked; each time of a predictor that knows what is known, and no more. */
export function examine(points: readonly MeasuredPoint[]): Answers {
  const analyses = new WorkloadAnalyses();
  const answers = examsOf(points).map((exam) => {
    const predictor = new Predictor(
      exam.known.map(({ observation }) => observation),
      analyses,
    );
    return answersOf(exam, ({ observation }) => predictor.predict(observation.workload));
  });
  return {
    outcomes: distinct(answers.flatMap(({ outcomes }) => outcomes)),
    unanswered: answers.reduce((sum, { unanswered }) => sum + unanswered, 0),
  };
}

/** What lies beyond the range in batch and in size is asked twice, and counts once. */
function distinct(outcomes: readonly Outcome[]): readonly Outcome[] {
  const first = new Map<string, Outcome>();
  for (const outcome of outcomes) {
    const key = `${outcome.question} ${outcome.quantity} ${outcome.measurement}`;
    if (!first.has(key)) first.set(key, outcome);
  }
  return [...first.values()];
}
