import { median } from './median.js';
import type { Interval, Support } from './prediction.js';

/** Of predicted figures that are to lie in their intervals. */
const COVERAGE = 0.9;
/** Where nothing has been measured that could tell, the figure is said to lie between a third of the value and three times it. */
const UNTOLD = Math.log(3);

const WIDER: Readonly<Record<Support, Support | null>> = { inside: 'beyond', beyond: 'unmeasured', unmeasured: null };

/** Logarithms of measured over predicted figures, by what the predictions were supported by. */
export type Residuals = ReadonlyMap<Support, readonly number[]>;

/**
 * An interval as wide as the errors that were made where this machine's own measurements were predicted from the others: of n
 * errors the one of rank 0.9 (n + 1), which the next is below in 90 of 100 cases (Vovk, Gammerman and Shafer, "Algorithmic
 * Learning in a Random World", 2005). Where there are fewer than nine, those of the next weaker support are taken.
 */
export function intervalOf(central: number, support: Support, residuals: Residuals): Interval {
  const width = Math.exp(trialsFor(support, residuals)?.bound ?? UNTOLD);
  return { low: central / width, central, high: central * width };
}

/** How many errors the width of such an interval was taken from; 0 where there are too few of any support, and it is a guess. */
export function trialsOf(support: Support, residuals: Residuals): number {
  return trialsFor(support, residuals)?.count ?? 0;
}

/** Residuals, and the factor by which architectures that were never measured usually take longer than predicted. */
export interface CentredResiduals {
  readonly residuals: Residuals;
  readonly unmeasuredFactor: number;
}

/** Fewer errors than that show no common direction. */
const LEAST_TO_CENTRE = 9;

/**
 * Fits favour the quicker ones of like operators, so that unmeasured architectures usually take a little longer. The factor
 * is the same for all workloads of such an architecture, so that more still never takes less.
 */
export function centred(residuals: Residuals): CentredResiduals {
  const errors = residuals.get('unmeasured') ?? [];
  if (errors.length < LEAST_TO_CENTRE) return { residuals, unmeasuredFactor: 1 };
  const usual = median(errors);
  return {
    residuals: new Map([...residuals, ['unmeasured', errors.map((error) => error - usual)]]),
    unmeasuredFactor: Math.exp(usual),
  };
}

interface Trials {
  /** Logarithm of how far predicted values may be off. */
  readonly bound: number;
  readonly count: number;
}

function trialsFor(support: Support, residuals: Residuals): Trials | null {
  const errors = (residuals.get(support) ?? []).map(Math.abs).sort((left, right) => left - right);
  const bound = errors[Math.ceil(COVERAGE * (errors.length + 1)) - 1];
  if (bound !== undefined) return { bound, count: errors.length };
  const wider = WIDER[support];
  return wider === null ? null : trialsFor(wider, residuals);
}
