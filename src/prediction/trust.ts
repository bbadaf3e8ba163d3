import type { OperatorCost } from '../profiles/step-trace.js';
import { median } from './median.js';

/** Logarithm of the factor between a traced step and the median of the others from which on one of them was disturbed. */
const USUAL_DIFFERENCE = 0.07;

/** 0 to 1: how far a step's time and a trace of it are what an undisturbed machine gives. */
export interface Trust {
  readonly step: number;
  readonly trace: number;
}

/** Of what nothing says that it was disturbed. */
export const TRUSTED: Trust = { step: 1, trace: 1 };

/** Null where they say nothing of how seconds divide: of a trace without operators, or without any time. */
export function usableCosts(costs: readonly OperatorCost[] | null): readonly OperatorCost[] | null {
  return costs !== null && secondsOf(costs) > 0 ? costs : null;
}

interface TracedStep {
  /** Null where no trace was kept; else {@link usableCosts}. */
  readonly costs: readonly OperatorCost[] | null;
  readonly stepSeconds: number;
}

/**
 * A traced step takes a little more or less than the others, always about the same on a machine. Where it takes much more,
 * it was disturbed; where much less, the others were, though they may have given the time that is to be predicted.
 */
export function trustIn(steps: readonly TracedStep[]): readonly Trust[] {
  const shares = steps.map(({ costs, stepSeconds }) => (costs ? Math.log(secondsOf(costs) / stepSeconds) : null));
  const usual = median(shares.filter((share) => share !== null));
  return shares.map((share) => {
    const difference = share === null ? 0 : (share - usual) / USUAL_DIFFERENCE;
    const trust = 1 / (1 + difference * difference);
    return { step: difference < 0 ? trust : 1, trace: trust };
  });
}

function secondsOf(costs: readonly OperatorCost[]): number {
  return costs.reduce((sum, { seconds }) => sum + seconds, 0);
}
