import type { Phase } from '../src/engine/graph/node.js';
import type { BenchCase } from './bench-case.js';

export interface PhaseRequest {
  readonly kind: 'case';
  readonly benchCase: BenchCase;
  /** Rounds in which steps with and without a trace and forward passes alone take turns. */
  readonly rounds: number;
}

export interface NodeCostRequest {
  readonly kind: 'node-cost';
  readonly operator: ChainedOperator;
  readonly threads: number;
}

/** A step divided by its trace. */
export interface Division {
  /** Of all operators together. */
  readonly operatorSeconds: number;
  readonly shares: Readonly<Record<Phase, number>>;
}

/** Medians over all runs, in seconds. */
export interface PhaseTimes {
  readonly stepSeconds: number;
  /** The same step under a trace, by the clock from outside as the one without. */
  readonly tracedStepSeconds: number;
  /** As the runtime writes it. */
  readonly written: Division;
  /** Without what of each operator's time is the trace's own: as measurements have it. */
  readonly corrected: Division;
  /** That time. */
  readonly traceSecondsPerOperator: number;
  /** Of a traced step before its first operator and behind its last. */
  readonly besideOperatorsSeconds: number;
  /** Operators executed in a step, those of its forward pass, and in the forward pass alone. */
  readonly operators: number;
  readonly forwardOperators: number;
  readonly forwardAloneOperators: number;
  readonly forwardAloneSeconds: number;
  /** By its own trace, corrected: what differs from the step's forward share is no fault of the trace. */
  readonly forwardAloneOperatorSeconds: number;
}

/** Of a chain of operators that compute next to nothing: the least of many runs, in seconds for one operator. */
export interface NodeCost {
  readonly operator: ChainedOperator;
  /** All that an operator takes without a trace: to come to it, and to compute it. */
  readonly untracedSeconds: number;
  /** The same under a trace, by the clock. */
  readonly tracedSeconds: number;
  /** What the trace says that the operator itself took. */
  readonly writtenSeconds: number;
}

export type ChainedOperator = 'Reshape' | 'Neg' | 'Add';

/** Largest difference of the forward pass alone from its share, and of traced from untraced totals. */
export const FORWARD_GOAL = 0.05;
export const TOTAL_GOAL = 0.03;

export interface Verdict {
  /** Forward share of an untraced step over the forward pass alone, less 1. */
  readonly forwardDifference: number;
  /** Operators of a traced step, and what lies beside them, over an untraced step, less 1. */
  readonly totalDifference: number;
  readonly meetsGoals: boolean;
}

export function verdict(times: PhaseTimes, division: Division): Verdict {
  const { stepSeconds, forwardAloneSeconds, besideOperatorsSeconds } = times;
  const forwardDifference = (division.shares.forward * stepSeconds) / forwardAloneSeconds - 1;
  const totalDifference = (division.operatorSeconds + besideOperatorsSeconds) / stepSeconds - 1;
  return {
    forwardDifference,
    totalDifference,
    meetsGoals: Math.abs(forwardDifference) <= FORWARD_GOAL && Math.abs(totalDifference) <= TOTAL_GOAL,
  };
}
