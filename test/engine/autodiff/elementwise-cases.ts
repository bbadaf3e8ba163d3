import type { Graph } from '../../../src/engine/graph/graph.js';
import type { Value } from '../../../src/engine/graph/node.js';
import {
  add,
  cast,
  clip,
  div,
  dropOut,
  exp,
  hardSigmoid,
  hardSwish,
  log,
  logSoftmax,
  mul,
  neg,
  reciprocal,
  relu,
  sigmoid,
  softmax,
  softplus,
  sqrt,
  sub,
  where,
} from '../../../src/engine/graph/ops.js';
import { curved, linear, operand } from './gradient-case.js';

const SHAPE = [2, 3, 4];
/** Shapes of two operands that broadcast: either way, both at once, and by rank. */
const BROADCASTS = [
  [SHAPE, SHAPE],
  [SHAPE, [3, 1]],
  [[4], SHAPE],
  [
    [2, 1, 4],
    [3, 1],
  ],
  [[], SHAPE],
  [[1, 1, 1], [2]],
] as const;

const shown = (shapes: readonly (readonly number[])[]): string =>
  shapes.map((shape) => `[${shape.join(', ')}]`).join(' with ');

/** Every third element true. */
function pattern(g: Graph, shape: readonly number[]): Value {
  const count = shape.reduce((product, size) => product * size, 1);
  return g.constant(
    'bool',
    shape,
    Uint8Array.from({ length: count }, (_, index) => (index % 3 === 0 ? 1 : 0)),
  );
}

const positive = { from: 0.5, to: 2 };
/** Divisors of either sign, far enough from 0. */
const nonZero = { from: -2, to: -0.5 };

export const elementwiseCases = [
  ...BROADCASTS.flatMap((shapes) => {
    const [a, b] = shapes.map((shape) => operand(shape));
    if (!a || !b) return [];
    const name = shown(shapes);
    return [
      linear('Add', name, [a, b], add),
      linear('Sub', name, [a, b], sub),
      linear('Mul', name, [a, b], mul),
      curved('Div', name, [a, { ...b, ...positive }], div),
      linear('Where', name, [a, b], (g, x, y) => where(g, pattern(g, [2, 3, 1]), x, y)),
    ];
  }),
  curved('Div', 'negative divisors', [operand(SHAPE), operand(SHAPE, nonZero)], div),
  linear('Add', 'a value with itself', [operand(SHAPE)], (g, x) => add(g, x, x)),
  curved('Mul', 'a value with itself', [operand(SHAPE)], (g, x) => mul(g, x, x)),
  linear('Where', 'a condition as large as its branches', [operand(SHAPE), operand(SHAPE)], (g, x, y) =>
    where(g, pattern(g, SHAPE), x, y),
  ),
  linear('Cast', 'to float64 and back', [operand(SHAPE)], (g, x) => cast(g, cast(g, x, 'float64'), 'float32')),
  // With a rate above 0 every run is another function; the formula is checked in test/engine/nn/dropout.spec.ts.
  linear('Dropout', 'nothing dropped', [operand(SHAPE)], (g, x) => dropOut(g, x, 0)),
  linear('Neg', 'three axes', [operand(SHAPE)], neg),
  curved('Exp', 'three axes', [operand(SHAPE)], exp),
  curved('Log', 'three axes', [operand(SHAPE, positive)], log),
  curved('Sqrt', 'three axes', [operand(SHAPE, positive)], sqrt),
  curved('Reciprocal', 'positive', [operand(SHAPE, positive)], reciprocal),
  curved('Reciprocal', 'negative', [operand(SHAPE, nonZero)], reciprocal),
  curved('Relu', 'both sides of 0', [operand(SHAPE, { kinks: [0] })], relu),
  curved('Clip', 'below, inside and above the bounds', [operand(SHAPE, { from: -3, to: 9, kinks: [0, 6] })], (g, x) =>
    clip(g, x, 0, 6),
  ),
  curved('Clip', 'without an upper bound', [operand(SHAPE, { kinks: [0] })], (g, x) => clip(g, x, 0, Infinity)),
  curved('Clip', 'without a lower bound', [operand(SHAPE, { kinks: [0.2] })], (g, x) => clip(g, x, -Infinity, 0.2)),
  curved('HardSigmoid', 'all three pieces', [operand(SHAPE, { from: -6, to: 6, kinks: [-3, 3] })], hardSigmoid),
  curved('HardSigmoid', 'another slope', [operand(SHAPE, { from: -4, to: 4, kinks: [-2.5, 2.5] })], (g, x) =>
    g.op('HardSigmoid', [x], { alpha: 0.2, beta: 0.5 }),
  ),
  curved('Sigmoid', 'both sides of 0', [operand(SHAPE, { from: -4, to: 4 })], sigmoid),
  curved('Softplus', 'both sides of 0', [operand(SHAPE, { from: -4, to: 4 })], softplus),
  curved('HardSwish', 'all three pieces', [operand(SHAPE, { from: -6, to: 6, kinks: [-3, 3] })], hardSwish),
  ...[-1, 0, 1].flatMap((axis) => [
    curved('Softmax', `axis ${axis}`, [operand(SHAPE, { from: -2, to: 2 })], (g, x) => softmax(g, x, axis)),
    curved('LogSoftmax', `axis ${axis}`, [operand(SHAPE, { from: -2, to: 2 })], (g, x) => logSoftmax(g, x, axis)),
  ]),
  curved('LogSoftmax', 'one class', [operand([3, 1])], (g, x) => logSoftmax(g, x, -1)),
];
