import type { OperatorCost } from '../profiles/step-trace.js';
import { TERMS, type Terms, termsOf } from './cost-terms.js';
import { type OperatorKind, operatorKind } from './operator-kind.js';
import type { BatchCounts, WorkloadCosts } from './workload-costs.js';

/** All operators of a step that are of one kind. */
export interface KindWork {
  readonly kind: OperatorKind;
  /** Of all of them together. */
  readonly terms: Terms;
}

/** Equal operators that were measured. */
export interface MeasuredWork extends KindWork {
  readonly count: number;
  /** Of all of them together. */
  readonly seconds: number;
}

/** What there is to be done in a step, by kind of operator. */
export function stepWork({ operators, counts }: Pick<WorkloadCosts, 'operators' | 'counts'>): readonly KindWork[] {
  const works = new Map<string, { readonly kind: OperatorKind; readonly terms: number[] }>();
  for (const cost of operators) {
    const kind = operatorKind(cost);
    const work = works.get(kind.key) ?? { kind, terms: TERMS.map(() => 0) };
    works.set(kind.key, work);
    const terms = termsOf(cost, counts);
    for (let index = 0; index < terms.length; index++) {
      work.terms[index] = (work.terms[index] ?? 0) + cost.count * (terms[index] ?? 0);
    }
  }
  return [...works.values()];
}

/** @param counts of the batch */
export function measuredWork(costs: readonly OperatorCost[], counts: BatchCounts): readonly MeasuredWork[] {
  return costs.map((cost) => ({
    kind: operatorKind(cost),
    terms: termsOf(cost, counts).map((term) => term * cost.count),
    count: cost.count,
    seconds: cost.seconds,
  }));
}
