import { at, elementCount } from '../../../src/engine/graph/tensor.js';
import { concat, conv, hardSwish, matMul, mul } from '../../../src/engine/graph/ops.js';
import { l2Normalize } from '../../../src/engine/nn/l2-normalize.js';
import type { ConvCase } from './conv-cases.js';
import { convCase, convCases, even } from './conv-cases.js';
import type { GradientCase } from './gradient-case.js';
import { curved, linear, operand } from './gradient-case.js';

const MATRICES = [
  [
    [3, 4],
    [4, 2],
  ],
  [
    [2, 3, 4],
    [2, 4, 2],
  ],
  [
    [2, 3, 4],
    [4, 2],
  ],
  [
    [3, 4],
    [2, 4, 5],
  ],
  [
    [2, 1, 3, 4],
    [5, 4, 2],
  ],
] as const;

const normalized = (shape: readonly number[]): GradientCase =>
  curved(
    'BatchNormalizationTraining',
    `[${shape.join(', ')}]`,
    [operand(shape), operand([shape[1] ?? 0], { from: 0.5, to: 2 }), operand([shape[1] ?? 0])],
    (g, x, scale, bias) => at(g.ops('BatchNormalizationTraining', [x, scale, bias], { epsilon: 0.01 }), 0),
  );

/** Statistics over the first of two rows; the second is what it should be, or is not. */
const sharedCase = (name: string, second: number): GradientCase =>
  curved(
    'BatchNormalizationTraining',
    name,
    [operand([1, 3, 12, 11]), operand([3], { from: 0.5, to: 2 }), operand([3])],
    (g, x, scale, bias) => {
      const rows = concat(g, [x, mul(g, x, g.scalar(second))], 0);
      return at(g.ops('BatchNormalizationTraining', [rows, scale, bias, g.scalar(0.5)], { epsilon: 0.01 }), 0);
    },
  );

const grouped = (shape: readonly [number, number, number, number], groups: number): GradientCase =>
  curved(
    'GroupNormalization',
    `[${shape.join(', ')}] in ${groups} groups`,
    [operand(shape), operand([shape[1]], { from: 0.5, to: 2 }), operand([shape[1]])],
    (g, x, scale, bias) => g.op('GroupNormalization', [x, scale, bias], { groups, epsilon: 0.01 }),
  );

/** Convolutions between which factors may be handed on, in the order in which gradients pass them. */
const COMBINED: readonly ConvCase[] = [
  convCase('1x1', [2, 12, 12, 10], [6, 12, 1, 1], {}),
  convCase('1x1 of few positions', [3, 12, 4, 5], [6, 12, 1, 1], {}),
  convCase('3x3, stride 2', [2, 3, 12, 11], [5, 3, 3, 3], { pads: even(1), strides: [2, 2] }),
  convCase('depthwise 3x3', [2, 8, 12, 10], [8, 1, 3, 3], { pads: even(1), group: 8 }),
  convCase('depthwise 5x5, stride 2', [2, 20, 9, 10], [20, 1, 5, 5], { pads: even(2), strides: [2, 2], group: 20 }),
];

/** Convolution, batch normalisation, activation, as networks have them. */
function blockCase({ name, input, kernel, attributes }: ConvCase): GradientCase {
  // Small enough that the result stays between the kinks of the activation.
  const channels = operand([kernel[0]], { from: 0.4, to: 0.7 });
  return curved(
    'Conv',
    `${name}, then batch normalisation and hard swish`,
    [operand(input), operand(kernel), channels],
    (g, x, weight, scale) => {
      const [normalized] = g.ops(
        'BatchNormalizationTraining',
        [conv(g, x, weight, null, attributes), scale, g.float32(new Array<number>(kernel[0]).fill(0.1))],
        { epsilon: 0.01 },
      );
      if (!normalized) throw new Error('batch normalisation has a result');
      return hardSwish(g, normalized);
    },
  );
}

const fusedCase = (transA: number, transB: number, a: readonly number[], b: readonly number[]): GradientCase =>
  linear(
    'FusedMatMul',
    `[${a.join(', ')}] by [${b.join(', ')}], transposed ${transA}, ${transB}`,
    [operand(a), operand(b)],
    (g, x, y) => g.op('FusedMatMul', [x, y], { transA, transB, alpha: 0.5 }),
  );

const transposedCase = (kernel: number, stride: number, pad: number): GradientCase =>
  linear(
    'ConvTranspose',
    `${kernel}x${kernel}, stride ${stride}, padded by ${pad}`,
    [operand([2, 3, 4, 5]), operand([3, 2, kernel, kernel]), operand([2])],
    (g, x, weight, bias) =>
      g.op('ConvTranspose', [x, weight, bias], {
        strides: [stride, stride],
        pads: even(pad),
        dilations: [1, 1],
        group: 1,
        output_padding: [0, 0],
      }),
  );

export const layerCases = [
  ...convCases.flatMap(({ name, input, kernel, attributes }) => {
    const operands = [operand(input), operand(kernel)];
    return [
      linear('Conv', `${name}, with bias`, [...operands, operand([kernel[0]])], (g, x, weight, bias) =>
        conv(g, x, weight, bias, attributes),
      ),
    ];
  }),
  linear('Conv', 'without bias', [operand([2, 3, 4, 4]), operand([2, 3, 3, 3])], (g, x, weight) =>
    conv(g, x, weight, null, { strides: [1, 1], pads: even(1), dilations: [1, 1], group: 1 }),
  ),
  ...MATRICES.map(([a, b]) =>
    linear('MatMul', `[${a.join(', ')}] by [${b.join(', ')}]`, [operand(a), operand(b)], matMul),
  ),
  normalized([2, 3, 4, 5]),
  normalized([4, 2, 1, 1]),
  normalized([1, 2, 3, 3]),
  normalized([2, 3, 12, 11]),
  normalized([2, 3, 16, 15]),
  normalized([2, 3, 21, 20]),
  sharedCase('half of the rows, the others 0', 0),
  sharedCase('half of the rows, the others not 0', 0.3),
  grouped([1, 8, 4, 5], 4),
  grouped([3, 6, 5, 3], 2),
  grouped([2, 12, 1, 1], 2),
  grouped([2, 4, 11, 12], 4),
  ...COMBINED.map(blockCase),
  fusedCase(0, 0, [3, 4], [4, 2]),
  fusedCase(0, 1, [3, 4], [2, 4]),
  fusedCase(1, 0, [4, 3], [4, 2]),
  fusedCase(1, 1, [4, 3], [2, 4]),
  fusedCase(0, 1, [2, 3, 4], [2, 5, 4]),
  transposedCase(2, 2, 0),
  transposedCase(3, 2, 1),
  transposedCase(3, 1, 1),
  curved('Div', 'by the length over channels', [operand([2, 5, 3, 4])], l2Normalize),
  ...[[4], [3, 5]].map((places) =>
    curved(
      'CrossEntropy',
      `${places.length} axes of places`,
      [operand([2, 3, ...places], { from: -3, to: 3 })],
      (g, x) => {
        const count = 2 * elementCount(places);
        const classes = Array.from({ length: count }, (_, place) => (place * 5) % 3);
        return g.op('CrossEntropy', [x, g.int64(classes, [2, ...places])], {});
      },
    ),
  ),
];
