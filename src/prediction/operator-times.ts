import { TERMS, type Terms } from './cost-terms.js';
import { solveNormalEquations } from './nonnegative-least-squares.js';
import { type OperatorKind, squaredDistance } from './operator-kind.js';
import { addRow, addSums, emptySums, gramOf, meanOf, momentsOf, type RowSums, sumsWithout } from './row-sums.js';
import type { MeasuredWork } from './step-work.js';

/** The operators of a traced step. */
export interface TracedOperators {
  readonly works: readonly MeasuredWork[];
  readonly stepSeconds: number;
  /** 0 to 1: how far the trace is what an undisturbed step gives. */
  readonly trust: number;
}

/** Distance of kinds at which a measurement weighs e^-1/2 of one of the same kind. */
const BANDWIDTH = 0.4;
/** Weights below e to the power of minus this are as good as 0. */
const FAR_EXPONENT = 20;
/** What all kinds of an operator have in common weighs as much as so many measurements of the kind itself. */
const OPERATOR_WEIGHT = 0.01;
/** So does, for what the kinds have in common, what all operators have. */
const MACHINE_WEIGHT = 0.01;
/** Times are told apart no finer than so many seconds an operator, and so large a share of the step. */
const FLOOR_SECONDS = 5e-6;
const FLOOR_OF_STEP = 5e-4;
/** Logarithm of the factor from which on an operator's time says more of a disturbance than of the operator. */
const USUAL_SPREAD = 0.25;

/** All that was measured of one kind. */
interface MeasuredKind {
  readonly kind: OperatorKind;
  readonly sums: RowSums;
}

/** Coefficients, and what they were fitted to. */
interface Fit {
  readonly sums: RowSums;
  readonly coefficients: Terms;
}

/** By key. */
type Kinds = ReadonlyMap<string, MeasuredKind>;

/**
 * Coefficients of the terms of each kind of operator: of measured ones of this machine and one application type, those of
 * near kinds first, by least squares without negative coefficients. They depend on the kind alone, not on how much there is
 * to do, so that more never takes less.
 */
export class OperatorTimes {
  private readonly common = new Map<string, Terms>();
  private readonly coefficients = new Map<string, Terms>();
  private all: Fit | null = null;

  /** @param kinds by operator */
  private constructor(
    private readonly kinds: ReadonlyMap<string, Kinds>,
    private readonly expected: OperatorTimes | null,
  ) {}

  /**
   * Errors count as shares of what an operator is expected to take, for shares of what it took would favour those that took
   * little. What is to be expected a first fit says, to just those shares.
   */
  static of(traces: readonly TracedOperators[]): OperatorTimes {
    const first = new OperatorTimes(sumsOf(traces, null), null);
    return new OperatorTimes(sumsOf(traces, first), first);
  }

  /** What would be known without some of the traces. */
  without(left: readonly TracedOperators[]): OperatorTimes {
    const rest = new Map(this.kinds);
    for (const [operator, kinds] of sumsOf(left, this.expected)) {
      const others = new Map(rest.get(operator));
      for (const [key, { kind, sums }] of kinds) {
        const all = others.get(key);
        const remaining = all ? sumsWithout(all.sums, sums) : null;
        if (remaining === null) others.delete(key);
        else others.set(key, { kind, sums: remaining });
      }
      rest.set(operator, others);
    }
    return new OperatorTimes(rest, this.expected);
  }

  /** Seconds for each unit of each term, in the order of {@link TERMS}; zeros where nothing was measured at all. */
  coefficientsOf(kind: OperatorKind): Terms {
    const known = this.coefficients.get(kind.key);
    if (known) return known;
    const fitted = this.fit(kind);
    this.coefficients.set(kind.key, fitted);
    return fitted;
  }

  private fit(kind: OperatorKind): Terms {
    const kinds = this.kinds.get(kind.operatorKey);
    if (!kinds || kinds.size === 0) return this.ofAll().coefficients;
    const near = emptySums(TERMS.length);
    for (const measured of kinds.values()) {
      const exponent = squaredDistance(kind, measured.kind) / (2 * BANDWIDTH * BANDWIDTH);
      if (exponent < FAR_EXPONENT) addSums(near, measured.sums, Math.exp(-exponent));
    }
    return solve(near, this.commonOf(kind.operatorKey, kinds), this.ofAll().sums, OPERATOR_WEIGHT);
  }

  /** What all kinds of an operator have in common. */
  private commonOf(operatorKey: string, kinds: Kinds): Terms {
    const known = this.common.get(operatorKey);
    if (known) return known;
    const { sums, coefficients } = this.ofAll();
    const fitted = solve(sumOf([kinds]), coefficients, sums, MACHINE_WEIGHT);
    this.common.set(operatorKey, fitted);
    return fitted;
  }

  /** What all operators have in common: all that is known of one that was never measured. */
  private ofAll(): Fit {
    if (this.all) return this.all;
    const sums = sumOf([...this.kinds.values()]);
    const nothing = TERMS.map(() => 0);
    this.all = { sums, coefficients: solve(sums, nothing, sums, MACHINE_WEIGHT) };
    return this.all;
  }
}

/** Seconds, of terms and their coefficients. */
function secondsOf(terms: Terms, coefficients: Terms): number {
  return terms.reduce((sum, term, index) => sum + term * (coefficients[index] ?? 0), 0);
}

function sumOf(operators: readonly Kinds[]): RowSums {
  const all = emptySums(TERMS.length);
  for (const kinds of operators) for (const { sums } of kinds.values()) addSums(all, sums, 1);
  return all;
}

function sumsOf(
  traces: readonly TracedOperators[],
  expected: OperatorTimes | null,
): ReadonlyMap<string, Map<string, MeasuredKind>> {
  const byOperator = new Map<string, Map<string, MeasuredKind>>();
  for (const { works, stepSeconds, trust } of traces) {
    // Of a traced step, which takes as long as the median only by chance.
    const ofMedian = stepSeconds / works.reduce((sum, { seconds }) => sum + seconds, 0);
    for (const { kind, terms, count, seconds: traced } of works) {
      const kinds = byOperator.get(kind.operatorKey) ?? new Map<string, MeasuredKind>();
      byOperator.set(kind.operatorKey, kinds);
      const measured = kinds.get(kind.key) ?? { kind, sums: emptySums(TERMS.length) };
      kinds.set(kind.key, measured);
      const seconds = traced * ofMedian;
      const usual = expected ? secondsOf(terms, expected.coefficientsOf(kind)) : seconds;
      const floor = FLOOR_SECONDS * count + FLOOR_OF_STEP * stepSeconds;
      const outlying = Math.log((seconds + floor) / (usual + floor)) / USUAL_SPREAD;
      const weight = Math.sqrt(trust / (1 + outlying * outlying)) / (usual + floor);
      addRow(measured.sums, terms, seconds, weight);
    }
  }
  return byOperator;
}

/**
 * @param prior drawn to as by so many rows as `weight` says, of these sums and of what is usual: coefficients of terms that
 * were small in all rows, and so may have any value, come from it
 */
function solve(sums: RowSums, prior: Terms, usual: RowSums, weight: number): Terms {
  if (sums.rows === 0) return prior;
  const gram = gramOf(sums);
  const moments = momentsOf(sums);
  for (const [j, line] of gram.entries()) {
    const usualSize = meanOf(usual, j);
    const ridge = (weight * ((line[j] ?? 0) + usualSize * usualSize * sums.squares)) / sums.rows;
    line[j] = (line[j] ?? 0) + ridge;
    moments[j] = (moments[j] ?? 0) + ridge * (prior[j] ?? 0);
  }
  return solveNormalEquations({ gram, moments });
}
