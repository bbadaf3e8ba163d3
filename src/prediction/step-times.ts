import type { TracedPhase } from '../profiles/step-trace.js';
import { TERMS, type Term } from './cost-terms.js';
import { median } from './median.js';
import { nonnegativeLeastSquares } from './nonnegative-least-squares.js';
import { OperatorTimes, type TracedOperators } from './operator-times.js';
import type { KindWork } from './step-work.js';
import type { MeasuredStep, PhaseSeconds, TimeModel } from './time-model.js';

/** What of a step is corrected together. */
const GROUPS = ['forwardCompute', 'backwardCompute', 'memory', 'fixed', 'counts'] as const;

type Group = (typeof GROUPS)[number];

/** Of each term, in the order of {@link TERMS}, the place of its group. */
const GROUP_OF_TERM: Readonly<Record<TracedPhase, readonly number[]>> = {
  forward: groupsOfTerms('forward'),
  backward: groupsOfTerms('backward'),
  optimizer: groupsOfTerms('optimizer'),
};

/** One standard deviation of a group's true seconds around what its operators come to, as a share. */
const GROUP_SPREAD = 0.1;
/** Of an architecture's whole steps around the sums of their operators. */
const SCALE_SPREAD = 0.1;
/** Of a measured step around a smooth function of batch and size. */
const STEP_SPREAD = 0.02;
/** Logarithm of the factor from which on a step among others of its architecture was disturbed. */
const USUAL_EXCESS = 0.07;

/** Seconds of steps of one application type, from measured ones of this machine whose operators were traced. */
export class StepTimes implements TimeModel {
  private readonly factors = new Map<string, readonly number[]>();

  private constructor(
    private readonly steps: readonly MeasuredStep[],
    private readonly times: OperatorTimes,
  ) {}

  static of(steps: readonly MeasuredStep[]): StepTimes {
    return new StepTimes(steps, OperatorTimes.of(tracesOf(steps)));
  }

  without(left: ReadonlySet<MeasuredStep>): StepTimes {
    return new StepTimes(
      this.steps.filter((step) => !left.has(step)),
      this.times.without(tracesOf([...left])),
    );
  }

  learn(architecture: string): void {
    this.factorsOf(architecture);
  }

  secondsOf(architecture: string, works: readonly KindWork[]): PhaseSeconds {
    const factors = this.factorsOf(architecture);
    const seconds = { forward: 0, backward: 0, optimizer: 0 };
    for (const [phase, groups] of this.groupsOf(works)) {
      seconds[phase] = groups.reduce((sum, group, index) => sum + group * (factors[index] ?? 1), 0);
    }
    return seconds;
  }

  /** By which the groups of an architecture's operators are to be multiplied for its measured steps. */
  private factorsOf(architecture: string): readonly number[] {
    const known = this.factors.get(architecture);
    if (known) return known;
    const own = this.steps.filter((step) => step.architecture === architecture);
    const fitted = correction(
      own.map(({ works, stepSeconds, trust }) => ({
        groups: sumOfPhases(this.groupsOf(works)),
        stepSeconds,
        trust,
      })),
    );
    this.factors.set(architecture, fitted);
    return fitted;
  }

  private groupsOf(works: readonly KindWork[]): ReadonlyMap<TracedPhase, readonly number[]> {
    const byPhase = new Map<TracedPhase, number[]>();
    for (const { kind, terms } of works) {
      const groups = byPhase.get(kind.phase) ?? GROUPS.map(() => 0);
      byPhase.set(kind.phase, groups);
      const coefficients = this.times.coefficientsOf(kind);
      const groupOfTerm = GROUP_OF_TERM[kind.phase];
      for (let index = 0; index < groupOfTerm.length; index++) {
        const group = groupOfTerm[index] ?? 0;
        groups[group] = (groups[group] ?? 0) + (terms[index] ?? 0) * (coefficients[index] ?? 0);
      }
    }
    return byPhase;
  }
}

interface MeasuredGroups {
  readonly groups: readonly number[];
  readonly stepSeconds: number;
  readonly trust: number;
}

/** By what to multiply the groups, drawn to one factor for all of them, and that to 1. */
function correction(measured: readonly MeasuredGroups[]): readonly number[] {
  const excesses = measured.map(({ groups, stepSeconds }) => Math.log(stepSeconds / sumOf(groups)));
  // With the excess that there should be: of two that contradict each other the one is right that agrees with the operators.
  const usual = median([0, ...excesses]);
  const weights = measured.map(({ trust }, index) => {
    const outlying = ((excesses[index] ?? 0) - usual) / USUAL_EXCESS;
    return Math.sqrt(trust / (1 + outlying * outlying));
  });
  const rows = measured.map(({ groups, stepSeconds }, index) =>
    groups.map((seconds) => ((weights[index] ?? 0) * seconds) / stepSeconds),
  );
  const [scale = 1] = nonnegativeLeastSquares({
    rows: rows.map((row) => [sumOf(row)]),
    targets: weights,
    ridge: [(STEP_SPREAD / SCALE_SPREAD) ** 2],
    prior: [1],
  });
  return nonnegativeLeastSquares({
    rows,
    targets: weights,
    ridge: GROUPS.map(() => (STEP_SPREAD / GROUP_SPREAD) ** 2),
    prior: GROUPS.map(() => scale),
  });
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

function tracesOf(steps: readonly MeasuredStep[]): readonly TracedOperators[] {
  return steps.flatMap(({ traced }) => traced ?? []);
}

function sumOfPhases(byPhase: ReadonlyMap<TracedPhase, readonly number[]>): readonly number[] {
  return GROUPS.map((_, index) => [...byPhase.values()].reduce((sum, groups) => sum + (groups[index] ?? 0), 0));
}

function groupsOfTerms(phase: TracedPhase): readonly number[] {
  return TERMS.map((term) => GROUPS.indexOf(groupOf(term, phase)));
}

function groupOf(term: Term, phase: TracedPhase): Group {
  switch (term) {
    case 'compute':
    case 'roundedCompute':
      return phase === 'forward' ? 'forwardCompute' : 'backwardCompute';
    case 'memory':
    case 'farMemory':
    case 'farthestMemory':
      return 'memory';
    case 'fixed':
    case 'images':
    case 'weights':
    case 'weightsOfImages':
      return 'fixed';
    case 'matched':
    case 'found':
      return 'counts';
  }
}
