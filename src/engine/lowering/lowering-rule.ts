import type { Graph } from '../graph/graph.js';
import type { Value } from '../graph/node.js';
import type { CompositeOperatorName, OperatorName, Operators } from '../graph/operators.js';
import type { LoweringState } from './lowering-state.js';

/**
 * Operators that are built anew for the runtime: all composite ones, convolutions, of which there are faster forms, and
 * sums, of which there are more exact ones.
 */
export type LoweredOperatorName = CompositeOperatorName | 'Conv' | 'ReduceSum';

export interface LoweringContext<K extends OperatorName> {
  readonly g: Graph;
  readonly attributes: Operators[K];
  readonly state: LoweringState;
  /** The operand at `index`, in the lowered graph. */
  readonly input: (index: number) => Value;
  /** The operand at `index`, or null where an optional one is absent. */
  readonly optionalInput: (index: number) => Value | null;
}

/** Builds an operator from the runtime's own, and returns its outputs. */
export type LoweringRule<K extends OperatorName> = (context: LoweringContext<K>) => readonly Value[];

export type LoweringRules<K extends OperatorName> = { readonly [Name in K]: LoweringRule<Name> };
