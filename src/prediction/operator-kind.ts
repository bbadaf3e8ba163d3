import { kindKey } from '../engine/costs/node-cost.js';
import type { OperatorCost } from '../profiles/step-trace.js';

/** What tells how an operator is computed, with what it takes to compare it; how much it is given to do apart. */
export interface OperatorKind {
  readonly phase: OperatorCost['phase'];
  readonly operator: string;
  /** Equal for the same operator in the same phase. */
  readonly operatorKey: string;
  /** Equal for equal kinds. */
  readonly key: string;
  readonly producer: string;
  /** What neither the batch nor the size changes: as of a trace. */
  readonly form: readonly number[];
  /** Of the form's members. */
  readonly logarithms: readonly number[];
}

/** Between operators whose forms have not the same members. */
const OTHER_MEMBERS = 2;
/** Between operators that follow different ones, with which the runtime may fuse them or not. */
const OTHER_PRODUCER = 2;

/** Each kind is kept once: thousands of measured operators are of a few hundred kinds. */
const kept = new Map<string, OperatorKind>();
/** Which are forgotten before there are more. */
const MOST_KEPT = 20_000;

export function operatorKind({
  phase,
  operator,
  producer,
  form,
}: Pick<OperatorCost, 'phase' | 'operator' | 'producer' | 'form'>): OperatorKind {
  const key = kindKey({ phase, operator, producer, form });
  const known = kept.get(key);
  if (known) return known;
  const operatorKey = `${phase} ${operator}`;
  const kind = { phase, operator, operatorKey, key, producer, form, logarithms: form.map(logarithm) };
  if (kept.size >= MOST_KEPT) kept.clear();
  kept.set(key, kind);
  return kind;
}

/** Of a number that may be 0 or negative, such as an axis. */
function logarithm(value: number): number {
  return Math.sign(value) * Math.log1p(Math.abs(value));
}

/** Square of the distance between two kinds of the same operator, in the logarithms of their forms; 0 for equal ones. */
export function squaredDistance(one: OperatorKind, other: OperatorKind): number {
  const { length } = one.logarithms;
  let square = one.producer === other.producer ? 0 : OTHER_PRODUCER * OTHER_PRODUCER;
  if (length !== other.logarithms.length) return square + OTHER_MEMBERS * OTHER_MEMBERS;
  for (let index = 0; index < length; index += 1) {
    const difference = (one.logarithms[index] ?? 0) - (other.logarithms[index] ?? 0);
    square += difference * difference;
  }
  return square;
}
