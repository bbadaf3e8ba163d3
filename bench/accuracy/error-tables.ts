import { textTable } from '../text-table.js';
import { type Errors, errorsOf, goalOf, isMet, keepsItsWord } from './errors.js';
import type { Outcome, Quantity } from './outcome.js';
import type { Question } from './questions.js';

export const QUESTIONS: Readonly<Record<Question, string>> = {
  interpolation: 'inside the measured range',
  extrapolation: 'up to 2x beyond it',
  unmeasured: 'an architecture never run here',
};

export const QUANTITIES: Readonly<Record<Quantity, string>> = {
  training: 'training step',
  inference: 'inference',
  memory: 'peak memory',
};

const HEADINGS = ['Question', 'Quantity', 'Figures', 'Median error', 'p95', 'In the interval', 'p', 'Aim', 'Verdict'];
const BY_ARCHITECTURE = ['Architecture', 'Quantity', 'Figures', 'Median error', 'p95', 'In the interval'];

/** Errors by question and quantity, and what each question's intervals come to over all quantities. */
export function errorTable(outcomes: readonly Outcome[], markdown: boolean): string {
  const rows = questionsOf(outcomes).flatMap((question) => {
    const asked = outcomes.filter((outcome) => outcome.question === question);
    const pooled = errorsOf(asked);
    const byQuantity = quantitiesOf(asked).flatMap((quantity) => {
      const errors = errorsOf(asked.filter((outcome) => outcome.quantity === quantity));
      if (errors === null) return [];
      const { median, p95 } = goalOf(question, quantity);
      const aim = `${percent(median)} / ${percent(p95)}`;
      return [
        [QUESTIONS[question], QUANTITIES[quantity], ...cells(errors), told(isMet(errors, { median, p95 }))].toSpliced(
          7,
          0,
          aim,
        ),
      ];
    });
    return pooled === null
      ? []
      : [...byQuantity, [QUESTIONS[question], 'all', ...cells(pooled), '90 %, p >= 0.01', told(keepsItsWord(pooled))]];
  });
  return textTable([HEADINGS, ...rows], markdown);
}

/** Errors of one question by architecture and quantity. */
export function architectureTable(outcomes: readonly Outcome[], question: Question, markdown: boolean): string {
  const asked = outcomes.filter((outcome) => outcome.question === question);
  const names = [...new Set(asked.map(({ architecture }) => architecture))].sort();
  const rows = names.flatMap((name) => {
    const own = asked.filter(({ architecture }) => architecture === name);
    return quantitiesOf(own).flatMap((quantity) => {
      const errors = errorsOf(own.filter((outcome) => outcome.quantity === quantity));
      return errors === null
        ? []
        : [[markdown ? `\`${name}\`` : name, QUANTITIES[quantity], ...cells(errors).slice(0, -1)]];
    });
  });
  return textTable([BY_ARCHITECTURE, ...rows], markdown);
}

/** Whether all aims are met that there are figures for, and there are some; what there are too few for is not missed. */
export function allMet(outcomes: readonly Outcome[]): boolean {
  const questions = questionsOf(outcomes);
  return (
    questions.length > 0 &&
    questions.every((question) => {
      const asked = outcomes.filter((outcome) => outcome.question === question);
      const pooled = errorsOf(asked);
      return (
        (pooled === null || keepsItsWord(pooled) !== false) &&
        quantitiesOf(asked).every((quantity) => {
          const errors = errorsOf(asked.filter((outcome) => outcome.quantity === quantity));
          return errors === null || isMet(errors, goalOf(question, quantity));
        })
      );
    })
  );
}

/** Of what a whole grid asks, all that there is not a single figure for. */
export function withoutFigures(outcomes: readonly Outcome[]): readonly string[] {
  return (Object.keys(QUESTIONS) as Question[]).flatMap((question) =>
    (Object.keys(QUANTITIES) as Quantity[])
      .filter((quantity) => !outcomes.some((one) => one.question === question && one.quantity === quantity))
      .map((quantity) => `${QUANTITIES[quantity]}, ${QUESTIONS[question]}`),
  );
}

export function questionsOf(outcomes: readonly Outcome[]): readonly Question[] {
  return (Object.keys(QUESTIONS) as Question[]).filter((question) =>
    outcomes.some((outcome) => outcome.question === question),
  );
}

function quantitiesOf(outcomes: readonly Outcome[]): readonly Quantity[] {
  return (Object.keys(QUANTITIES) as Quantity[]).filter((quantity) =>
    outcomes.some((outcome) => outcome.quantity === quantity),
  );
}

function cells({ count, median, p95, held, p }: Errors): readonly string[] {
  return [String(count), percent(median), percent(p95), `${held}, ${percent(held / count)}`, p.toPrecision(2)];
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function told(met: boolean | null): string {
  return met === null ? 'too few' : met ? 'met' : 'MISSED';
}
