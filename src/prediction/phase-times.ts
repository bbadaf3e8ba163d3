import type { TracedPhase } from '../profiles/step-trace.js';
import { median } from './median.js';
import { nonnegativeLeastSquares } from './nonnegative-least-squares.js';
import { PART_NAMES, PARTS, type Parts, phaseWork } from './phase-work.js';
import type { KindWork } from './step-work.js';
import type { MeasuredStep, PhaseSeconds, TimeModel } from './time-model.js';

/** A phase of a measured step. */
interface MeasuredPhase {
  readonly architecture: string;
  readonly parts: Parts;
  readonly seconds: number;
  readonly trust: number;
}

/** How far coefficients may go from what they are drawn to, and what measurements differ by from a smooth function. */
interface Looseness {
  /** One standard deviation, as a share of the coefficient. */
  readonly spread: number;
  /** The same of a measured phase. */
  readonly noise: number;
}

/** From what is usual; all architectures of a machine have them in common, and each differs somewhat. */
const OF_MACHINE: Looseness = { spread: 3, noise: 0.05 };
/** From what the machine's architectures have in common. */
const OF_ARCHITECTURE: Looseness = { spread: 0.4, noise: 0.03 };
/** What an architecture's phases have in common: all of it may take so much longer, as a share. */
const SCALE_SPREAD = 0.3;
/** Coefficients that came out as less are spread as if they were so large a share of what is usual. */
const LEAST_SHARE = 0.2;
/** Logarithm of the factor from which on a time says more of a disturbance than of the work. */
const USUAL_EXCESS = 0.15;

/**
 * Seconds of the phases of steps, for a runtime of which nothing finer is measured: each phase is a sum of what the graph
 * counts (phase-work.ts), times coefficients that are never negative.
 *
 * minimise over x >= 0: sum over measured phases t of ((a x - t) / (noise t'))^2 + sum ((x - prior) / spread)^2
 *
 * First over all architectures, drawn to what is usual, all of it times one factor; then for an architecture over its own
 * steps, drawn to what all have in common. t' is t first, and what is expected by that then: shares of what was measured
 * would favour those that took little. No coefficient depends on the batch, the size or the counts.
 */
export class PhaseTimes implements TimeModel {
  private readonly phases: ReadonlyMap<TracedPhase, readonly MeasuredPhase[]>;
  private readonly machine = new Map<TracedPhase, Parts>();
  private readonly architectures = new Map<string, Parts>();

  private constructor(private readonly steps: readonly KnownStep[]) {
    this.phases = phasesOf(steps);
  }

  static of(steps: readonly MeasuredStep[]): PhaseTimes {
    return new PhaseTimes(steps.map((step) => ({ step, parts: phaseWork(step.works) })));
  }

  without(left: ReadonlySet<MeasuredStep>): PhaseTimes {
    return new PhaseTimes(this.steps.filter(({ step }) => !left.has(step)));
  }

  learn(architecture: string): void {
    for (const phase of this.phases.keys()) this.coefficientsOf(architecture, phase);
  }

  secondsOf(architecture: string, works: readonly KindWork[]): PhaseSeconds {
    const seconds = { forward: 0, backward: 0, optimizer: 0 };
    for (const [phase, parts] of phaseWork(works)) {
      seconds[phase] = dot(parts, this.coefficientsOf(architecture, phase));
    }
    return seconds;
  }

  private coefficientsOf(architecture: string, phase: TracedPhase): Parts {
    const key = `${phase} ${architecture}`;
    const known = this.architectures.get(key);
    if (known) return known;
    const common = this.commonOf(phase);
    const own = (this.phases.get(phase) ?? []).filter((one) => one.architecture === architecture);
    const found = own.length === 0 ? common : ofArchitecture(own, common);
    this.architectures.set(key, found);
    return found;
  }

  /** Of all architectures; zeros where nothing was measured. */
  private commonOf(phase: TracedPhase): Parts {
    const known = this.machine.get(phase);
    if (known) return known;
    const measured = this.phases.get(phase) ?? [];
    const found = measured.length === 0 ? PART_NAMES.map(() => 0) : ofMachine(measured);
    this.machine.set(phase, found);
    return found;
  }
}

interface KnownStep {
  readonly step: MeasuredStep;
  readonly parts: ReadonlyMap<TracedPhase, Parts>;
}

function phasesOf(steps: readonly KnownStep[]): ReadonlyMap<TracedPhase, readonly MeasuredPhase[]> {
  const phases = new Map<TracedPhase, MeasuredPhase[]>();
  for (const { step, parts: ofPhases } of steps) {
    for (const [phase, parts] of ofPhases) {
      const seconds = step.phaseSeconds[phase];
      if (!(seconds > 0)) continue;
      const { architecture, trust } = step;
      phases.set(phase, [...(phases.get(phase) ?? []), { architecture, parts, seconds, trust }]);
    }
  }
  return phases;
}

function ofMachine(measured: readonly MeasuredPhase[]): Parts {
  const usual = PART_NAMES.map((name) => PARTS[name]);
  const factor = Math.exp(median(measured.map(({ parts, seconds }) => Math.log(seconds / dot(parts, usual)))));
  const prior = usual.map((coefficient) => factor * coefficient);
  return robust(measured, (expected) => fitted(measured, expected, prior, prior, OF_MACHINE));
}

function ofArchitecture(own: readonly MeasuredPhase[], common: Parts): Parts {
  const usual = PART_NAMES.map((name) => PARTS[name]);
  // Where measurements saw nothing of a part, it is not known to be nothing in another network.
  const known = own.map(({ parts, seconds }) => seconds / Math.max(Number.MIN_VALUE, dot(parts, usual)));
  const least = LEAST_SHARE * median(known);
  const excesses = own.map(({ parts, seconds }) => seconds / Math.max(Number.MIN_VALUE, dot(parts, common)));
  const weight = (OF_ARCHITECTURE.noise / SCALE_SPREAD) ** 2;
  const factor = (own.length * median(excesses) + weight) / (own.length + weight);
  const prior = common.map((coefficient) => factor * coefficient);
  const scales = prior.map((coefficient, index) => Math.max(coefficient, least * (usual[index] ?? 0)));
  return robust(own, (expected) => fitted(own, expected, prior, scales, OF_ARCHITECTURE));
}

/** What is expected of each, and how much it weighs. */
interface Expected {
  readonly seconds: number;
  readonly weight: number;
}

/** A fit to shares of what was measured says what is to be expected, and a second one goes by that. */
function robust(measured: readonly MeasuredPhase[], fit: (expected: readonly Expected[]) => Parts): Parts {
  const first = fit(measured.map(({ seconds, trust }) => ({ seconds, weight: trust })));
  return fit(
    measured.map(({ parts, seconds, trust }) => {
      const expected = dot(parts, first);
      const outlying = Math.log(seconds / expected) / USUAL_EXCESS;
      return { seconds: expected, weight: trust / (1 + outlying * outlying) };
    }),
  );
}

/** @param scales what each coefficient's spread is a share of */
function fitted(
  measured: readonly MeasuredPhase[],
  expected: readonly Expected[],
  prior: Parts,
  scales: Parts,
  { spread, noise }: Looseness,
): Parts {
  const weights = expected.map(({ seconds, weight }) => Math.sqrt(weight) / (noise * seconds));
  const shares = nonnegativeLeastSquares({
    rows: measured.map(({ parts }, row) =>
      parts.map((part, index) => (weights[row] ?? 0) * part * (scales[index] ?? 0)),
    ),
    targets: measured.map(({ seconds }, row) => (weights[row] ?? 0) * seconds),
    ridge: prior.map(() => 1 / spread ** 2),
    prior: prior.map((coefficient, index) => coefficient / (scales[index] ?? 1)),
  });
  return shares.map((share, index) => share * (scales[index] ?? 0));
}

function dot(a: Parts, b: Parts): number {
  return a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);
}
