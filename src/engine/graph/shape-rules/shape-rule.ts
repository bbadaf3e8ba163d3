import type { Value, ValueType } from '../node.js';
import type { OperatorName, Operators } from '../operators.js';

/** What a shape rule sees of the node being added. */
export interface ShapeContext<K extends OperatorName> {
  readonly inputs: readonly (Value | null)[];
  readonly attributes: Operators[K];
  /** The input at `index`. @throws when it is absent. */
  readonly input: (index: number) => Value;
  /** The content of the constant input at `index`, as numbers. @throws when it is not a constant. */
  readonly numbers: (index: number) => readonly number[];
  /** The content of the input at `index` as numbers, or null where only the run decides it. */
  readonly knownNumbers: (index: number) => readonly number[] | null;
  /** A name for a size that only the run decides. */
  readonly dynamic: (what: string) => string;
}

export type ShapeRule<K extends OperatorName> = (context: ShapeContext<K>) => readonly ValueType[];

export type ShapeRules<K extends OperatorName> = { readonly [Name in K]: ShapeRule<Name> };
