import type { Value, ValueType } from '../node.js';
import type { OperatorName } from '../operators.js';
import type { ShapeContext, ShapeRule, ShapeRules } from './shape-rule.js';
import type { DataType, Dim, Shape } from '../tensor.js';
import { at, sameShape } from '../tensor.js';

/** Shape of operands combined by ONNX's multidirectional broadcasting. */
export function broadcastShapes(a: Shape, b: Shape): Shape {
  if (sameShape(a, b)) return a;
  const rank = Math.max(a.length, b.length);
  const shape: Dim[] = [];
  for (let axis = 0; axis < rank; axis++) {
    const left = a[axis - (rank - a.length)] ?? 1;
    const right = b[axis - (rank - b.length)] ?? 1;
    if (left !== right && left !== 1 && right !== 1) {
      throw new RangeError(`[${a.join(', ')}] and [${b.join(', ')}] do not broadcast at axis ${axis}`);
    }
    shape.push(right === 1 ? left : right);
  }
  return shape;
}

function broadcastAll(values: readonly Value[]): Shape {
  let { shape } = at(values, 0);
  for (const value of values) shape = broadcastShapes(shape, value.shape);
  return shape;
}

function sameType(values: readonly Value[]): DataType {
  const { dataType } = at(values, 0);
  for (const value of values) if (value.dataType !== dataType) throw new TypeError('operands differ in element type');
  return dataType;
}

function operands(context: ShapeContext<OperatorName>): readonly Value[] {
  return context.inputs.map((_, index) => context.input(index));
}

const unary = (context: ShapeContext<OperatorName>): readonly ValueType[] => {
  const { dataType, shape } = context.input(0);
  return [{ dataType, shape }];
};

const broadcast = (context: ShapeContext<OperatorName>): readonly ValueType[] => {
  const values = operands(context);
  return [{ dataType: sameType(values), shape: broadcastAll(values) }];
};

const comparison = (context: ShapeContext<OperatorName>): readonly ValueType[] => {
  const values = operands(context);
  sameType(values);
  return [{ dataType: 'bool', shape: broadcastAll(values) }];
};

/** (x, dy) -> dx: both of one shape. */
const unaryGradient = (context: ShapeContext<OperatorName>): readonly ValueType[] => {
  const [x, dy] = [context.input(0), context.input(1)];
  if (!sameShape(x.shape, dy.shape)) throw new RangeError('the gradient must have the shape of the input');
  return unary(context);
};

const cast: ShapeRule<'Cast'> = ({ input, attributes }) => [{ dataType: attributes.to, shape: input(0).shape }];

const where: ShapeRule<'Where'> = ({ input }) => {
  const [condition, ...branches] = [input(0), input(1), input(2)];
  if (condition.dataType !== 'bool') throw new TypeError('the condition must be bool');
  return [{ dataType: sameType(branches), shape: broadcastAll([condition, ...branches]) }];
};

export const elementwiseShapeRules = {
  Abs: unary,
  Add: broadcast,
  And: broadcast,
  Cast: cast,
  Clip: unary,
  ClipGradient: unaryGradient,
  Div: broadcast,
  Dropout: ({ input }) => [
    { dataType: input(0).dataType, shape: input(0).shape },
    { dataType: 'bool', shape: input(0).shape },
  ],
  Equal: comparison,
  Exp: unary,
  Greater: comparison,
  GreaterOrEqual: comparison,
  HardSigmoid: unary,
  HardSwish: unary,
  HardSwishGradient: unaryGradient,
  Less: comparison,
  Log: unary,
  LogSoftmax: unary,
  Max: broadcast,
  Min: broadcast,
  Mul: broadcast,
  Neg: unary,
  Reciprocal: unary,
  Relu: unary,
  Sigmoid: unary,
  Softmax: unary,
  Softplus: unary,
  Sqrt: unary,
  StopGradient: unary,
  Sub: broadcast,
  ThresholdedRelu: unary,
  Where: where,
} satisfies Partial<ShapeRules<OperatorName>>;
