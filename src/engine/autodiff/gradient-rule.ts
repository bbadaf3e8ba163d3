import type { Graph } from '../graph/graph.js';
import type { GraphNode, Value } from '../graph/node.js';
import type { OperatorName, Operators } from '../graph/operators.js';

/** A gradient was asked for that cannot be built. */
export class DifferentiationError extends Error {
  readonly code = 'not-differentiable';
}

/** What a rule sees: the node it differentiates, and the gradients that arrived at its outputs. */
export interface GradientContext<K extends OperatorName> {
  readonly g: Graph;
  readonly node: GraphNode<K>;
  readonly attributes: Operators[K];
  /** The operand at `index`. */
  readonly input: (index: number) => Value;
  /** The result at `index`. */
  readonly output: (index: number) => Value;
  /** Gradient of the first output. */
  readonly dy: Value;
  /** Content of the constant operand at `index`. */
  readonly numbers: (index: number) => readonly number[];
}

/**
 * The gradient of each operand, as thunks, so that none is built that nobody needs; null where there is none.
 * A thunk may return the gradient in the output's broadcast shape: the driver sums it down to the operand's.
 */
export type OperandGradients = readonly ((() => Value) | null)[];

export type GradientRule<K extends OperatorName> = (context: GradientContext<K>) => OperandGradients;

/** The derivative is zero wherever it exists (comparisons, indices): gradients end here. */
export const ZERO = 'zero';

/** No gradient is defined; meeting one is an error. */
export const UNSUPPORTED = 'unsupported';

export type GradientDecision<K extends OperatorName> = GradientRule<K> | typeof ZERO | typeof UNSUPPORTED;

export type GradientRules<K extends OperatorName> = { readonly [Name in K]: GradientDecision<Name> };
