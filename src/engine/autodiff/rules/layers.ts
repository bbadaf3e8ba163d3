import type { OperatorName } from '../../graph/operators.js';
import type { Graph } from '../../graph/graph.js';
import type { Value } from '../../graph/node.js';
import { reduceSum } from '../../graph/ops.js';
import { at, staticShape } from '../../graph/tensor.js';
import type { GradientRules } from '../gradient-rule.js';
import { UNSUPPORTED } from '../gradient-rule.js';

function matrixProduct(g: Graph, a: Value, b: Value, transposed: { readonly a: boolean; readonly b: boolean }): Value {
  return g.op('FusedMatMul', [a, b], { transA: transposed.a ? 1 : 0, transB: transposed.b ? 1 : 0, alpha: 1 });
}

function spatialSize(value: Value): readonly [number, number] {
  const shape = staticShape(value.name, value.shape);
  return [at(shape, 2), at(shape, 3)];
}

export const layerRules = {
  AveragePool: UNSUPPORTED,
  BatchNormalization: UNSUPPORTED,
  BatchNormalizationGradient: UNSUPPORTED,
  // With xhat = (x - mean) / sd and n values a channel:
  // dbias = sum dy, dscale = sum dy xhat, dx = scale / sd (dy - dbias / n - xhat dscale / n)
  BatchNormalizationTraining: ({ g, dy, node, input, output, attributes }) => {
    let built: readonly Value[] | null = null;
    const gradient = (index: number) => (): Value => {
      const operands = [dy, input(0), input(1), output(1), output(2), ...node.inputs.slice(3)];
      built ??= g.ops('BatchNormalizationGradient', operands, attributes);
      return at(built, index);
    };
    return [gradient(0), gradient(1), gradient(2)];
  },
  Conv: ({ g, dy, input, attributes }) => [
    () => g.op('ConvInputGradient', [dy, input(1)], { ...attributes, inputSize: spatialSize(input(0)) }),
    () => g.op('ConvWeightGradient', [input(0), dy], { ...attributes, kernelSize: spatialSize(input(1)) }),
    () => reduceSum(g, dy, [0, 2, 3]),
  ],
  Conv3d: UNSUPPORTED,
  ConvInputGradient: UNSUPPORTED,
  // The input's gradient of a transposed convolution is the convolution, and so is the weight's with x and dy exchanged.
  ConvTranspose: ({ g, dy, input, attributes: { strides, pads, dilations, group } }) => [
    () => g.op('Conv', [dy, input(1)], { strides, pads, dilations, group }),
    () =>
      g.op('ConvWeightGradient', [dy, input(0)], {
        strides,
        pads,
        dilations,
        group,
        kernelSize: spatialSize(input(1)),
      }),
    () => reduceSum(g, dy, [0, 2, 3]),
  ],
  ConvWeightGradient: UNSUPPORTED,
  // y = log sum exp(x) - x[class]:  dx = dy (exp(x - log sum exp(x)) - one hot(class))
  CrossEntropy: ({ g, dy, input, output }) => [
    () => g.op('CrossEntropyGradient', [dy, input(0), input(1), output(1)], {}),
    null,
  ],
  CrossEntropyGradient: UNSUPPORTED,
  FusedConv: UNSUPPORTED,
  // y = alpha A B, with A = a or a^T and B = b or b^T:  dA = alpha dy B^T, dB = alpha A^T dy, each transposed where its
  // operand was.
  FusedMatMul: ({ g, dy, input, attributes: { transA, transB, alpha } }) => {
    const product = (left: Value, right: Value, a: number, b: number): Value =>
      g.op('FusedMatMul', [left, right], { transA: a, transB: b, alpha });
    return [
      () => (transA === 0 ? product(dy, input(1), 0, 1 - transB) : product(input(1), dy, transB, 1)),
      () => (transB === 0 ? product(input(0), dy, 1 - transA, 0) : product(dy, input(0), 1, transA)),
    ];
  },
  Gemm: UNSUPPORTED,
  InterpolateBilinear: ({ g, dy, input }) => [
    () => g.op('InterpolateBilinearGradient', [dy], { inputSize: spatialSize(input(0)) }),
  ],
  InterpolateBilinearGradient: UNSUPPORTED,
  // With xhat = (x - mean) / sd and n values a group, sums of dbias and dscale over one image and channel, and of both,
  // weighted by scale, over a group's channels:
  // dbias = sum dy, dscale = sum dy xhat, dx = (scale dy - sum(scale dbias) / n - xhat sum(scale dscale) / n) / sd
  GroupNormalization: ({ g, dy, input, output, attributes }) => {
    let built: readonly Value[] | null = null;
    const gradient = (index: number) => (): Value => {
      built ??= g.ops('GroupNormalizationGradient', [dy, output(1), input(1), output(2)], attributes);
      return at(built, index);
    };
    return [gradient(0), gradient(1), gradient(2)];
  },
  GroupNormalizationGradient: UNSUPPORTED,
  // y = a b:  da = dy b^T, db = a^T dy; the driver sums over broadcast batch axes.
  MatMul: ({ g, dy, input }) => [
    () => matrixProduct(g, dy, input(1), { a: false, b: true }),
    () => matrixProduct(g, input(0), dy, { a: true, b: false }),
  ],
  MaxPool: ({ g, dy, input, attributes }) => [() => g.op('MaxPoolGradient', [input(0), dy], attributes)],
  MaxPoolGradient: UNSUPPORTED,
  MaxPoolWithIndices: UNSUPPORTED,
  NchwcConv: UNSUPPORTED,
  ReorderInput: UNSUPPORTED,
  ReorderOutput: UNSUPPORTED,
  Resize: UNSUPPORTED,
  UpsampleNearest: ({ g, dy, attributes }) => [() => g.op('UpsampleNearestGradient', [dy], attributes)],
  UpsampleNearestGradient: UNSUPPORTED,
} satisfies Partial<GradientRules<OperatorName>>;
