import type { Value, ValueType } from '../node.js';
import type { ConvAttributes, OperatorName, PoolAttributes } from '../operators.js';
import type { ShapeContext, ShapeRule, ShapeRules } from './shape-rule.js';
import type { Dim } from '../tensor.js';
import { at, sameShape, staticShape } from '../tensor.js';
import { broadcastShapes } from './elementwise.js';

/** Positions that a window of `kernel` taps takes along an axis of `size`, as ONNX's Conv defines it. */
function windowCount(
  size: number,
  kernel: number,
  stride: number,
  dilation: number,
  padBegin: number,
  padEnd: number,
): number {
  return Math.floor((size + padBegin + padEnd - (dilation * (kernel - 1) + 1)) / stride) + 1;
}

/** Sizes of a convolution's two spatial axes. */
export function convOutputSize(
  size: readonly [number, number],
  kernel: readonly [number, number],
  { strides, dilations, pads }: Omit<ConvAttributes, 'group'>,
): readonly [number, number] {
  return [
    windowCount(size[0], kernel[0], strides[0], dilations[0], pads[0], pads[2]),
    windowCount(size[1], kernel[1], strides[1], dilations[1], pads[1], pads[3]),
  ];
}

const conv = ({ input, attributes }: ShapeContext<'Conv' | 'FusedConv'>): readonly ValueType[] => {
  const x = staticShape('the input', input(0).shape);
  const weight = staticShape('the weight', input(1).shape);
  const [outChannels, inChannelsPerGroup] = [at(weight, 0), at(weight, 1)];
  if (at(x, 1) !== inChannelsPerGroup * attributes.group) {
    throw new RangeError(
      `${at(x, 1)} input channels do not fit ${attributes.group} groups of ${inChannelsPerGroup} channels`,
    );
  }
  const size = convOutputSize([at(x, 2), at(x, 3)], [at(weight, 2), at(weight, 3)], attributes);
  if (size.some((count) => count < 1)) throw new RangeError('the window is larger than the padded input');
  return [{ dataType: input(0).dataType, shape: [at(x, 0), outChannels, ...size] }];
};

const conv3d: ShapeRule<'Conv3d'> = ({ input, attributes: { strides, pads, dilations, group } }) => {
  const x = staticShape('the input', input(0).shape);
  const weight = staticShape('the weight', input(1).shape);
  if (at(x, 1) !== at(weight, 1) * group) throw new RangeError('channels of the input and of the kernel differ');
  const size = ([0, 1, 2] as const).map((axis) =>
    windowCount(at(x, axis + 2), at(weight, axis + 2), strides[axis], dilations[axis], pads[axis], at(pads, axis + 3)),
  );
  if (size.some((count) => count < 1)) throw new RangeError('the window is larger than the padded input');
  return [{ dataType: input(0).dataType, shape: [at(x, 0), at(weight, 0), ...size] }];
};

function pooled({ dataType, shape }: Value, window: PoolAttributes): ValueType {
  const [images = 0, channels = 0, height = 0, width = 0] = staticShape('the input', shape);
  const size = convOutputSize([height, width], window.kernel_shape, window);
  if (size.some((count) => count < 1)) throw new RangeError('the window is larger than the padded input');
  return { dataType, shape: [images, channels, ...size] };
}

const averagePool: ShapeRule<'AveragePool'> = ({ input, attributes }) => [
  pooled(input(0), { ...attributes, dilations: [1, 1] }),
];

const maxPool: ShapeRule<'MaxPool'> = ({ input, attributes }) => [pooled(input(0), attributes)];

const maxPoolWithIndices: ShapeRule<'MaxPoolWithIndices'> = ({ input, attributes }) => {
  const { dataType, shape } = pooled(input(0), attributes);
  return [
    { dataType, shape },
    { dataType: 'int64', shape },
  ];
};

const maxPoolGradient: ShapeRule<'MaxPoolGradient'> = ({ input }) => [
  { dataType: input(0).dataType, shape: input(0).shape },
];

function resized({ dataType, shape }: ValueType, scale: number): ValueType {
  const [images = 0, channels = 0, ...size] = staticShape('the input', shape);
  const scaled = size.map((side) => side * scale);
  if (!scaled.every(Number.isInteger))
    throw new RangeError(`sides of ${size.join(' and ')} times ${scale} are not whole`);
  return { dataType, shape: [images, channels, ...scaled] };
}

function interpolated({ dataType, shape }: ValueType, size: readonly [number, number]): ValueType {
  if (shape.length !== 4) throw new RangeError('a map has four axes');
  return { dataType, shape: [...shape.slice(0, 2), ...size] };
}

const crossEntropy: ShapeRule<'CrossEntropy'> = ({ input }) => {
  const [scores, classes] = [input(0), input(1)];
  const [images = 0, , ...places] = scores.shape;
  if (classes.dataType !== 'int64' || !sameShape(classes.shape, [images, ...places])) {
    throw new RangeError('each place needs one class, int64');
  }
  const { dataType } = scores;
  return [
    { dataType, shape: [images, ...places] },
    { dataType, shape: [images, 1, ...places] },
  ];
};

const crossEntropyGradient: ShapeRule<'CrossEntropyGradient'> = ({ input }) => {
  const [dy, scores] = [input(0), input(1)];
  const [images = 0, , ...places] = scores.shape;
  if (!sameShape(dy.shape, [images, ...places])) throw new RangeError('dy must have one number a place');
  return [{ dataType: scores.dataType, shape: scores.shape }];
};

const resize: ShapeRule<'Resize'> = ({ input, numbers }) => {
  const { dataType, shape } = input(0);
  const scales = numbers(2);
  return [
    { dataType, shape: staticShape('the input', shape).map((size, axis) => Math.floor(size * at(scales, axis))) },
  ];
};

/** Like Conv; the weights lie blocked in memory, under a shape of the same number of elements. */
const nchwcConv: ShapeRule<'NchwcConv'> = ({ input, attributes }) => {
  const x = staticShape('the input', input(0).shape);
  const weight = staticShape('the weight', input(1).shape);
  const size = convOutputSize([at(x, 2), at(x, 3)], attributes.kernel_shape, attributes);
  return [{ dataType: input(0).dataType, shape: [at(x, 0), at(weight, 0), ...size] }];
};

const reorderInput: ShapeRule<'ReorderInput'> = ({ input, attributes }) => {
  const [images = 0, , ...size] = input(0).shape;
  return [{ dataType: input(0).dataType, shape: [images, attributes.$paddedChannels, ...size] }];
};

const reorderOutput: ShapeRule<'ReorderOutput'> = ({ input, attributes }) => {
  const [images = 0, , ...size] = input(0).shape;
  return [{ dataType: input(0).dataType, shape: [images, attributes.channels, ...size] }];
};

const convTranspose: ShapeRule<'ConvTranspose'> = ({ input, attributes }) => {
  const x = staticShape('the input', input(0).shape);
  const weight = staticShape('the weight', input(1).shape);
  const { strides, pads, dilations, output_padding: extra, group } = attributes;
  const size = ([0, 1] as const).map(
    (axis) =>
      strides[axis] * (at(x, axis + 2) - 1) +
      extra[axis] +
      (at(weight, axis + 2) - 1) * dilations[axis] +
      1 -
      pads[axis] -
      pads[axis === 0 ? 2 : 3],
  );
  return [{ dataType: input(0).dataType, shape: [at(x, 0), at(weight, 1) * group, ...size] }];
};

const convInputGradient: ShapeRule<'ConvInputGradient'> = ({ input, attributes }) => {
  const [dy, weight] = [staticShape('dy', input(0).shape), staticShape('the weight', input(1).shape)];
  return [
    { dataType: input(0).dataType, shape: [at(dy, 0), at(weight, 1) * attributes.group, ...attributes.inputSize] },
  ];
};

const convWeightGradient: ShapeRule<'ConvWeightGradient'> = ({ input, attributes }) => {
  const [x, dy] = [staticShape('x', input(0).shape), staticShape('dy', input(1).shape)];
  return [{ dataType: input(0).dataType, shape: [at(dy, 1), at(x, 1) / attributes.group, ...attributes.kernelSize] }];
};

function multiplied(
  context: ShapeContext<'FusedMatMul' | 'Gemm' | 'MatMul'>,
  transA: boolean,
  transB: boolean,
): ValueType {
  const [a, b] = [context.input(0), context.input(1)];
  if (a.shape.length < 2 || b.shape.length < 2) throw new RangeError('operands need two axes or more');
  const matrix = (shape: readonly Dim[], transposed: boolean): [Dim, Dim] =>
    transposed ? [at(shape, -1), at(shape, -2)] : [at(shape, -2), at(shape, -1)];
  const [rows, inner] = matrix(a.shape, transA);
  const [innerB, columns] = matrix(b.shape, transB);
  if (inner !== innerB) throw new RangeError(`inner sizes ${inner} and ${innerB} differ`);
  const batch = broadcastShapes(a.shape.slice(0, -2), b.shape.slice(0, -2));
  return { dataType: a.dataType, shape: [...batch, rows, columns] };
}

const gemm: ShapeRule<'Gemm'> = (context) => {
  const product = multiplied(context, context.attributes.transA === 1, context.attributes.transB === 1);
  if (product.shape.length !== 2) throw new RangeError('operands need two axes');
  if (!sameShape(product.shape, context.input(2).shape))
    throw new RangeError('the summand must have the shape of the product');
  return [product];
};

const batchNormalization: ShapeRule<'BatchNormalization'> = ({ input, attributes }) => {
  const { dataType, shape } = input(0);
  const channels: ValueType = { dataType, shape: [at(shape, 1)] };
  return attributes.training_mode === 1 ? [{ dataType, shape }, channels, channels] : [{ dataType, shape }];
};

const batchNormalizationTraining: ShapeRule<'BatchNormalizationTraining'> = ({ input }) => {
  const { dataType, shape } = input(0);
  const channels: ValueType = { dataType, shape: [at(shape, 1)] };
  return [{ dataType, shape }, channels, channels];
};

const normalizationGradient = ({
  input,
}: ShapeContext<'BatchNormalizationGradient' | 'GroupNormalizationGradient'>): readonly ValueType[] => {
  const [dy, x] = [input(0), input(1)];
  if (!sameShape(dy.shape, x.shape)) throw new RangeError('dy and x must have one shape');
  const channels: ValueType = { dataType: dy.dataType, shape: [at(dy.shape, 1)] };
  return [{ dataType: dy.dataType, shape: dy.shape }, channels, channels];
};

const groupNormalization: ShapeRule<'GroupNormalization'> = ({ input, attributes: { groups } }) => {
  const { dataType, shape } = input(0);
  if (Number(at(shape, 1)) % groups !== 0)
    throw new RangeError(`${at(shape, 1)} channels do not make ${groups} groups`);
  return [
    { dataType, shape },
    { dataType, shape },
    { dataType, shape: [at(shape, 0), groups] },
  ];
};

export const layerShapeRules = {
  AveragePool: averagePool,
  BatchNormalization: batchNormalization,
  BatchNormalizationGradient: normalizationGradient,
  BatchNormalizationTraining: batchNormalizationTraining,
  Conv: conv,
  Conv3d: conv3d,
  ConvInputGradient: convInputGradient,
  ConvTranspose: convTranspose,
  ConvWeightGradient: convWeightGradient,
  CrossEntropy: crossEntropy,
  CrossEntropyGradient: crossEntropyGradient,
  FusedConv: conv,
  FusedMatMul: (context) => [multiplied(context, context.attributes.transA === 1, context.attributes.transB === 1)],
  Gemm: gemm,
  InterpolateBilinear: ({ input, attributes }) => [interpolated(input(0), attributes.outputSize)],
  InterpolateBilinearGradient: ({ input, attributes }) => [interpolated(input(0), attributes.inputSize)],
  GroupNormalization: groupNormalization,
  GroupNormalizationGradient: normalizationGradient,
  MatMul: (context) => [multiplied(context, false, false)],
  MaxPool: maxPool,
  MaxPoolGradient: maxPoolGradient,
  MaxPoolWithIndices: maxPoolWithIndices,
  NchwcConv: nchwcConv,
  ReorderInput: reorderInput,
  ReorderOutput: reorderOutput,
  Resize: resize,
  UpsampleNearest: ({ input, attributes }) => [resized(input(0), attributes.factor)],
  UpsampleNearestGradient: ({ input, attributes }) => [resized(input(0), 1 / attributes.factor)],
} satisfies Partial<ShapeRules<OperatorName>>;
