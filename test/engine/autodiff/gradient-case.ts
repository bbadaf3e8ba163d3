import type { Graph } from '../../../src/engine/graph/graph.js';
import type { Value } from '../../../src/engine/graph/node.js';
import type { OperatorName } from '../../../src/engine/graph/operators.js';
import { elementCount } from '../../../src/engine/graph/tensor.js';
import { mappedUniform } from '../../../src/engine/synthetic/hash.js';

/** A float32 operand, filled with random numbers. */
export interface Operand {
  readonly shape: readonly number[];
  readonly from: number;
  readonly to: number;
  /** Places where the derivative jumps: numbers keep a distance from them. */
  readonly kinks: readonly number[];
}

/** One use of an operator whose gradient is compared with differences of its values. */
export interface GradientCase {
  /** Row of the table that the case checks. */
  readonly operator: OperatorName;
  readonly name: string;
  readonly operands: readonly Operand[];
  /** Linear in each operand, so that differences over any distance are exact. */
  readonly linear: boolean;
  readonly build: (g: Graph, operands: readonly Value[]) => Value;
}

/** Distance from kinks, more than differences reach. */
const MARGIN = 0.15;
const PERIOD = 65_521;

export function operand(
  shape: readonly number[],
  { from = -1, to = 1, kinks = [] }: Partial<Omit<Operand, 'shape'>> = {},
): Operand {
  return { shape, from, to, kinks };
}

export function randomNumbers(name: string, seed: number, { shape, from, to, kinks }: Operand): Float32Array {
  return repeatedNumbers(name, seed, elementCount(shape), (u) => {
    const x = from + (to - from) * u;
    for (const kink of kinks) if (Math.abs(x - kink) < MARGIN) return kink + (x < kink ? -MARGIN : MARGIN);
    return x;
  });
}

/** Numbers from the hash, the same ones again after a prime number of them: large tensors would take long to fill. */
export function repeatedNumbers(
  name: string,
  seed: number,
  count: number,
  map: (fraction: number) => number,
): Float32Array {
  const period = mappedUniform(name, seed, Math.min(count, PERIOD), map);
  if (period.length === count) return period;
  const numbers = new Float32Array(count);
  for (let start = 0; start < count; start += PERIOD) numbers.set(period.subarray(0, count - start), start);
  return numbers;
}

type Build = (g: Graph, a: Value, b: Value, c: Value) => Value;

function caseOf(linear: boolean) {
  return (operator: OperatorName, name: string, operands: readonly Operand[], build: Build): GradientCase => ({
    operator,
    name,
    operands,
    linear,
    build: (g, [a, b, c]) => {
      if (!a) throw new Error('a case has at least one operand');
      return build(g, a, b ?? a, c ?? a);
    },
  });
}

export const linear = caseOf(true);
export const curved = caseOf(false);
