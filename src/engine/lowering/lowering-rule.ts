import type { Graph } from '../graph/graph.js';
import type { Value } from '../graph/node.js';
import type { CompositeOperatorName, Operators } from '../graph/operators.js';

export interface LoweringContext<K extends CompositeOperatorName> {
  readonly g: Graph;
  readonly attributes: Operators[K];
  /** The operand at `index`, in the lowered graph. */
  input(index: number): Value;
}

/** Builds a composite operator from the runtime's own, and returns its outputs. */
export type LoweringRule<K extends CompositeOperatorName> = (context: LoweringContext<K>) => readonly Value[];

export type LoweringRules<K extends CompositeOperatorName> = { readonly [Name in K]: LoweringRule<Name> };
