import { distributionOf } from '../../src/profiling/child/distribution.js';
import { binomialTest } from './binomial.js';
import type { Outcome, Quantity } from './outcome.js';
import type { Question } from './questions.js';

/** How well figures were predicted; shares of what was measured, and of the figures. */
export interface Errors {
  readonly count: number;
  readonly median: number;
  readonly p95: number;
  /** Figures that lie in their intervals. */
  readonly held: number;
  /** How likely as many or as few as that are where 90 of 100 hold: of the exact binomial test, two-sided. */
  readonly p: number;
}

/** What intervals say of themselves. */
const COVERAGE = 0.9;
/** Of the binomial test: less than that is no chance. */
const REJECTED_BELOW = 0.01;
/** Figures that a word on intervals needs. */
const LEAST_POOLED = 200;

/** Most that the median and the 95th percentile of errors are to be, as shares. */
export interface Goal {
  readonly median: number;
  readonly p95: number;
}

interface Goals {
  readonly time: Goal;
  readonly memory: Goal;
}

const GOALS: Readonly<Record<Question, Goals>> = {
  interpolation: { time: { median: 0.02, p95: 0.06 }, memory: { median: 0.01, p95: 0.03 } },
  extrapolation: { time: { median: 0.04, p95: 0.12 }, memory: { median: 0.02, p95: 0.06 } },
  unmeasured: { time: { median: 0.08, p95: 0.2 }, memory: { median: 0.03, p95: 0.1 } },
};

export function goalOf(question: Question, quantity: Quantity): Goal {
  const { time, memory } = GOALS[question];
  return quantity === 'memory' ? memory : time;
}

/** Null of no outcomes. */
export function errorsOf(outcomes: readonly Outcome[]): Errors | null {
  if (outcomes.length === 0) return null;
  const { median, p95 } = distributionOf(outcomes.map(errorOf));
  const held = outcomes.filter(holds).length;
  return { count: outcomes.length, median, p95, held, p: binomialTest(held, outcomes.length, COVERAGE) };
}

export function isMet({ median, p95 }: Errors, goal: Goal): boolean {
  return median <= goal.median && p95 <= goal.p95;
}

/** Null where there are too few figures to say. */
export function keepsItsWord({ count, p }: Errors): boolean | null {
  return count < LEAST_POOLED ? null : p >= REJECTED_BELOW;
}

function errorOf({ measured, predicted }: Outcome): number {
  return Math.abs(predicted.central - measured) / measured;
}

function holds({ measured, predicted }: Outcome): boolean {
  return measured >= predicted.low && measured <= predicted.high;
}
