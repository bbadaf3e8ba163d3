import { isDiscrepancy, type Check } from '../src/engine/parity/checks.js';
import type { GoldenDocument } from '../src/engine/parity/document-types.js';

/** Least share of the seeds that agree where an implementation is right. */
const AGREEING_SHARE = 0.75;

/** One seed: how many figures lie outside. */
export interface SeedOutcome {
  readonly seed: number;
  readonly figures: number;
  /** Of this engine, outside the tolerances that PyTorch's own float32 error widens. */
  readonly outside: number;
  /** Of this engine, outside the tolerances as they are without that: the same for whoever is judged. */
  readonly outsideFixed: number;
  /** Of PyTorch's float32, outside the latter; null where it was not run. */
  readonly float32OutsideFixed: number | null;
}

/**
 * `agrees`: at least three of four seeds have no figure outside. `no worse`: fewer agree, but with no more seeds than
 * PyTorch's float32 does this engine leave the fixed tolerances. `worse`: with more.
 */
export type ParityVerdict = 'agrees' | 'no worse' | 'worse';

/** Whether enough seeds agree, so that PyTorch's float32 need not be asked. */
export function agrees(outcomes: readonly SeedOutcome[]): boolean {
  return outcomes.filter(({ outside }) => outside === 0).length >= AGREEING_SHARE * outcomes.length;
}

/** Of a group of which too few seeds agree: judged by the seeds with which either is outside the fixed tolerances. */
export function judged(outcomes: readonly SeedOutcome[]): 'no worse' | 'worse' {
  const { engine, float32 } = seedsOutside(outcomes);
  return engine <= float32 ? 'no worse' : 'worse';
}

/** How many of the seeds on which both were run have a figure outside the fixed tolerances. */
export function seedsOutside(outcomes: readonly SeedOutcome[]) {
  const both = outcomes.filter(({ float32OutsideFixed }) => float32OutsideFixed !== null);
  return {
    seeds: both.length,
    engine: both.filter(({ outsideFixed }) => outsideFixed > 0).length,
    float32: both.filter(({ float32OutsideFixed }) => float32OutsideFixed !== 0).length,
  };
}

/**
 * The golden as if PyTorch's float32 had made no error, which leaves its tolerances at their fixed parts. Those widened
 * by that error favour whoever rounds as PyTorch does: where a ReLU's input is so near to 0 that its sign is a matter of
 * rounding, PyTorch's float32 with another number of threads mostly falls on the same side, and this engine on its own.
 */
export function withFixedTolerances(golden: GoldenDocument): GoldenDocument {
  const zeros = Object.keys(golden.losses).map((name) => [name, 0] as const);
  const gradients = Object.entries(golden.gradients).map(
    ([name, figures]) => [name, { ...figures, float32_error: 0 }] as const,
  );
  return {
    ...golden,
    gradients: Object.fromEntries(gradients),
    float32_error: { ...golden.float32_error, losses: Object.fromEntries(zeros) },
  };
}

/** Largest error over tolerance, of figures that are equal in kind. */
export function ratio({ error, tolerance }: Check): number {
  if (error === 0) return 0;
  return Number.isNaN(error) ? Infinity : error / tolerance;
}

export function countOutside(checks: readonly Check[]): number {
  return checks.filter(isDiscrepancy).length;
}
