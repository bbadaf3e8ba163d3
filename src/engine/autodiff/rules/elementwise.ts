import type { OperatorName } from '../../graph/operators.js';
import { add, cast, div, exp, mul, neg, reduceSum, sigmoid, sub, where } from '../../graph/ops.js';
import { at } from '../../graph/tensor.js';
import type { GradientRules } from '../gradient-rule.js';
import { UNSUPPORTED, ZERO } from '../gradient-rule.js';

export const elementwiseRules = {
  Abs: UNSUPPORTED,
  Add: ({ dy }) => [() => dy, () => dy],
  And: ZERO,
  Cast: ({ g, dy, input }) => [() => cast(g, dy, input(0).dataType)],
  // dy where min < y < max, else 0; at the bounds 0, as PyTorch has it for hardtanh and ReLU6. Read from the output,
  // which the next layer keeps alive anyway.
  Clip: ({ g, dy, output, numbers }) => {
    const [min, max] = [numbers(1)[0] ?? -Infinity, numbers(2)[0] ?? Infinity];
    return [() => g.op('ClipGradient', [output(0), dy], { min, max }), null, null];
  },
  ClipGradient: UNSUPPORTED,
  // d(a/b) = dy/b, -dy a/b^2 = -(dy/b) y
  Div: ({ g, dy, input, output }) => [
    () => div(g, dy, input(1)),
    () => neg(g, mul(g, div(g, dy, input(1)), output(0))),
  ],
  // y = x / (1 - rate) where the mask of this run is true, else 0:  dx likewise of dy
  Dropout: ({ g, dy, output, numbers }) => [
    () => mul(g, dy, mul(g, cast(g, output(1), 'float32'), g.scalar(1 / (1 - at(numbers(1), 0))))),
    null,
    null,
  ],
  Equal: ZERO,
  Exp: ({ g, dy, output }) => [() => mul(g, dy, output(0))],
  Greater: ZERO,
  GreaterOrEqual: ZERO,
  // alpha dy where 0 < y < 1, else 0
  HardSigmoid: ({ g, dy, output, attributes }) => [
    () => mul(g, g.op('ClipGradient', [output(0), dy], { min: 0, max: 1 }), g.scalar(attributes.alpha)),
  ],
  HardSwish: ({ g, dy, input }) => [() => g.op('HardSwishGradient', [input(0), dy], {})],
  HardSwishGradient: UNSUPPORTED,
  Less: ZERO,
  Log: ({ g, dy, input }) => [() => div(g, dy, input(0))],
  // y = x - log sum exp x:  dx = dy - exp(y) sum(dy)
  LogSoftmax: ({ g, dy, output, attributes }) => [
    () => sub(g, dy, mul(g, exp(g, output(0)), reduceSum(g, dy, [attributes.axis], true))),
  ],
  Max: UNSUPPORTED,
  Min: UNSUPPORTED,
  Mul: ({ g, dy, input }) => [() => mul(g, dy, input(1)), () => mul(g, dy, input(0))],
  Neg: ({ g, dy }) => [() => neg(g, dy)],
  // y = 1/x:  dx = -dy y^2
  Reciprocal: ({ g, dy, output }) => [() => neg(g, mul(g, dy, mul(g, output(0), output(0))))],
  // dy where y > 0, else 0
  Relu: ({ g, dy, output }) => [() => g.op('ClipGradient', [output(0), dy], { min: 0, max: Infinity })],
  // y = 1 / (1 + exp(-x)):  dx = dy y (1 - y)
  Sigmoid: ({ g, dy, output }) => [() => mul(g, mul(g, dy, output(0)), sub(g, g.scalar(1), output(0)))],
  // dx = y (dy - sum(dy y))
  Softmax: ({ g, dy, output, attributes }) => [
    () => mul(g, output(0), sub(g, dy, reduceSum(g, mul(g, dy, output(0)), [attributes.axis], true))),
  ],
  // y = log(1 + exp(x)):  dx = dy / (1 + exp(-x))
  Softplus: ({ g, dy, input }) => [() => mul(g, dy, sigmoid(g, input(0)))],
  // dx = dy / (2 y)
  Sqrt: ({ g, dy, output }) => [() => div(g, dy, add(g, output(0), output(0)))],
  StopGradient: ZERO,
  Sub: ({ g, dy }) => [() => dy, () => neg(g, dy)],
  ThresholdedRelu: UNSUPPORTED,
  Where: ({ g, dy, input }) => [
    null,
    () => where(g, input(0), dy, g.scalar(0)),
    () => where(g, input(0), g.scalar(0), dy),
  ],
} satisfies Partial<GradientRules<OperatorName>>;
