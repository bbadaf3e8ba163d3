import { at, elementCount } from '../../../src/engine/graph/tensor.js';
import type { ConvAttributes, PoolAttributes } from '../../../src/engine/graph/operators.js';
import { add, concat, conv, hardSwish, matMul, mul } from '../../../src/engine/graph/ops.js';
import { adaptiveAveragePool2d } from '../../../src/engine/nn/adaptive-pool.js';
import { l2Normalize } from '../../../src/engine/nn/l2-normalize.js';
import type { GradientCase } from './gradient-case.js';
import { curved, linear, operand } from './gradient-case.js';

export interface ConvCase {
  readonly name: string;
  /** Images, channels, height, width. */
  readonly input: readonly [number, number, number, number];
  /** Output channels, input channels a group, height, width. */
  readonly kernel: readonly [number, number, number, number];
  readonly attributes: ConvAttributes;
}

function convCase(
  name: string,
  input: ConvCase['input'],
  kernel: ConvCase['kernel'],
  attributes: Partial<ConvAttributes>,
): ConvCase {
  const plain = { strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1], group: 1 } as const;
  return { name, input, kernel, attributes: { ...plain, ...attributes } };
}

const even = (size: number): ConvAttributes['pads'] => [size, size, size, size];

export const convCases: readonly ConvCase[] = [
  convCase('1x1', [2, 3, 5, 4], [4, 3, 1, 1], {}),
  convCase('1x1 of one position, batch 1', [1, 6, 1, 1], [4, 6, 1, 1], {}),
  convCase('1x1, stride 2, odd size', [2, 3, 5, 7], [4, 3, 1, 1], { strides: [2, 2] }),
  convCase('1x1, stride 2, even size', [2, 3, 6, 4], [4, 3, 1, 1], { strides: [2, 2] }),
  convCase('3x3 without padding', [2, 3, 6, 5], [4, 3, 3, 3], {}),
  convCase('3x3, padded', [2, 3, 6, 5], [4, 3, 3, 3], { pads: even(1) }),
  convCase('3x3, padded by more than its reach', [1, 2, 4, 4], [3, 2, 3, 3], { pads: even(2) }),
  convCase('3x3, padded unevenly', [2, 3, 6, 5], [4, 3, 3, 3], { pads: [0, 2, 1, 0] }),
  convCase('3x3, stride 2, odd size', [2, 3, 7, 5], [4, 3, 3, 3], { pads: even(1), strides: [2, 2] }),
  convCase('3x3, stride 2, even size', [2, 3, 8, 6], [4, 3, 3, 3], { pads: even(1), strides: [2, 2] }),
  convCase('3x3, stride 2, padded unevenly', [2, 3, 8, 7], [4, 3, 3, 3], { pads: [0, 1, 1, 0], strides: [2, 2] }),
  convCase('3x3, another stride for each axis', [2, 3, 7, 6], [4, 3, 3, 3], { pads: even(1), strides: [1, 2] }),
  convCase('3x3, stride 3, the last rows unseen', [1, 2, 8, 8], [3, 2, 3, 3], { strides: [3, 3] }),
  convCase('3x3, dilated', [2, 3, 8, 7], [4, 3, 3, 3], { pads: even(2), dilations: [2, 2] }),
  convCase('3x3, dilated, stride 2', [1, 2, 9, 8], [3, 2, 3, 3], { pads: even(2), dilations: [2, 2], strides: [2, 2] }),
  convCase('3x3 over a large map', [2, 8, 70, 62], [4, 8, 3, 3], { pads: even(1) }),
  convCase('3x3 over a large map, dilated, padded unevenly', [1, 8, 72, 66], [4, 8, 3, 3], {
    pads: [2, 1, 0, 3],
    dilations: [2, 2],
  }),
  convCase('3x3 over a large map, not padded, two groups', [1, 16, 70, 68], [4, 8, 3, 3], { group: 2 }),
  convCase('1x1, stride 2, many inputs', [2, 70, 5, 6], [4, 70, 1, 1], { strides: [2, 2] }),
  convCase('1x1, padded, stride 2, many inputs', [2, 70, 5, 6], [4, 70, 1, 1], { strides: [2, 2], pads: even(1) }),
  convCase('3x3, stride 2, odd size, many inputs', [2, 8, 7, 5], [4, 8, 3, 3], { pads: even(1), strides: [2, 2] }),
  convCase('3x3, stride 2, even size, many inputs', [3, 8, 8, 6], [4, 8, 3, 3], { pads: even(1), strides: [2, 2] }),
  convCase('3x3, stride 2, padded unevenly, many inputs', [2, 8, 8, 7], [4, 8, 3, 3], {
    pads: [0, 1, 1, 0],
    strides: [2, 2],
  }),
  convCase('3x3, stride 3, the last rows unseen, many inputs', [2, 8, 8, 11], [4, 8, 3, 3], { strides: [3, 3] }),
  convCase('3x3, dilated, stride 2, many inputs', [2, 8, 9, 8], [3, 8, 3, 3], {
    pads: even(2),
    dilations: [2, 2],
    strides: [2, 2],
  }),
  convCase('3x3 of few positions, two images', [2, 8, 4, 5], [8, 8, 3, 3], { pads: even(1) }),
  convCase('3x3 of few positions, padded by more than its reach', [2, 8, 3, 2], [8, 8, 3, 3], { pads: even(3) }),
  convCase('3x3, dilated, outer taps see half', [2, 8, 8, 7], [4, 8, 3, 3], { pads: even(4), dilations: [4, 4] }),
  convCase('3x3, dilated, corners see padding alone', [2, 8, 8, 5], [4, 8, 3, 3], { pads: even(5), dilations: [5, 5] }),
  convCase('3x3, dilated, only the centre sees the map', [1, 8, 4, 5], [4, 8, 3, 3], {
    pads: even(6),
    dilations: [6, 6],
  }),
  convCase('3x3, dilated unevenly, padded unevenly', [1, 8, 9, 7], [4, 8, 3, 3], {
    pads: [4, 1, 2, 5],
    dilations: [3, 4],
  }),
  convCase('3x3, dilated, larger than the map', [1, 8, 3, 4], [4, 8, 3, 3], { pads: [9, 9, 5, 5], dilations: [5, 5] }),
  convCase('3x3, dilated, two groups', [2, 16, 8, 7], [4, 8, 3, 3], { pads: even(4), dilations: [4, 4], group: 2 }),
  ...[16, 32].flatMap((channels) => [
    convCase(`3x3, ${channels} to 16 channels`, [2, channels, 24, 22], [16, channels, 3, 3], { pads: even(1) }),
    convCase(`3x3, 16 to ${channels} channels, dilated, padded unevenly`, [1, 16, 38, 34], [channels, 16, 3, 3], {
      pads: [2, 1, 0, 3],
      dilations: [2, 2],
    }),
  ]),
  convCase('1x5 to a multiple of channels', [3, 16, 20, 18], [48, 16, 1, 5], { pads: [0, 2, 0, 2] }),
  convCase('7x7, stride 2, as a stem, of 16 channels', [2, 3, 13, 12], [16, 3, 7, 7], {
    pads: even(3),
    strides: [2, 2],
  }),
  convCase('3x3 of 16 channels, padded by more than its reach', [1, 16, 33, 32], [16, 16, 3, 3], { pads: even(4) }),
  convCase('3x3 of 16 channels, a map smaller than the kernel', [2, 16, 2, 1], [16, 16, 3, 3], { pads: even(1) }),
  convCase('5x5 of 15 channels', [2, 15, 9, 8], [16, 15, 5, 5], { pads: even(2) }),
  convCase('3x1', [2, 3, 6, 5], [4, 3, 3, 1], { pads: [1, 0, 1, 0] }),
  convCase('7x7, stride 2, as a stem', [1, 3, 13, 12], [2, 3, 7, 7], { pads: even(3), strides: [2, 2] }),
  convCase('3x3, two groups', [2, 4, 6, 5], [6, 2, 3, 3], { pads: even(1), group: 2 }),
  convCase('3x3, two groups, stride 2', [2, 4, 7, 6], [6, 2, 3, 3], { pads: even(1), group: 2, strides: [2, 2] }),
  ...[3, 5].flatMap((kernel) =>
    [1, 2].flatMap((stride) =>
      (
        [
          [7, 9],
          [8, 6],
        ] as const
      ).map(([height, width]) =>
        convCase(
          `depthwise ${kernel}x${kernel}, stride ${stride}, ${height}x${width}`,
          [2, 5, height, width],
          [5, 1, kernel, kernel],
          {
            pads: even((kernel - 1) / 2),
            group: 5,
            strides: [stride, stride],
          },
        ),
      ),
    ),
  ),
  ...[4, 12, 16, 20].map((channels) =>
    convCase(`depthwise 3x3, stride 2, ${channels} channels`, [2, channels, 7, 6], [channels, 1, 3, 3], {
      pads: even(1),
      group: channels,
      strides: [2, 2],
    }),
  ),
  ...[3, 5].map((kernel) =>
    convCase(`depthwise ${kernel}x${kernel}, dilated`, [2, 8, 9, 7], [8, 1, kernel, kernel], {
      pads: even(kernel - 1),
      group: 8,
      dilations: [2, 2],
    }),
  ),
  convCase('depthwise 5x5, dilated beyond its map', [1, 4, 5, 3], [4, 1, 5, 5], {
    pads: even(6),
    group: 4,
    dilations: [3, 3],
  }),
  convCase('depthwise 3x3, dilated, stride 2', [2, 4, 9, 8], [4, 1, 3, 3], {
    pads: even(2),
    group: 4,
    strides: [2, 2],
    dilations: [2, 2],
  }),
  convCase('depthwise 3x3, batch 1, one position', [1, 4, 1, 1], [4, 1, 3, 3], { pads: even(1), group: 4 }),
  convCase('depthwise 5x5 of a map smaller than its kernel', [2, 4, 2, 3], [4, 1, 5, 5], { pads: even(2), group: 4 }),
  convCase('depthwise 3x3, stride 2, from two positions', [2, 4, 2, 2], [4, 1, 3, 3], {
    pads: even(1),
    group: 4,
    strides: [2, 2],
  }),
  convCase('depthwise with two filters a channel', [2, 3, 6, 5], [6, 1, 3, 3], { pads: even(1), group: 3 }),
];

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

/** Windows in which no two numbers are nearly equal, whose maximum would change with the differences. */
const poolCase = (
  name: string,
  shape: readonly number[],
  kernel: PoolAttributes['kernel_shape'],
  strides: PoolAttributes['strides'],
  pads: PoolAttributes['pads'],
): GradientCase =>
  linear('MaxPool', name, [operand(shape, { from: -0.001, to: 0.001 })], (g, x) => {
    const count = elementCount(shape);
    // Around 0, so that a zero in the padding could be larger than what is there.
    const apart = Float32Array.from({ length: count }, (_, index) => 4 * (((index * 7) % count) - count / 2));
    const spread = add(g, x, g.constant('float32', shape, apart));
    return g.op('MaxPool', [spread], { kernel_shape: kernel, strides, pads, dilations: [1, 1] });
  });

/** Larger, smaller, one axis alone, from few pixels. */
const INTERPOLATIONS = [
  [
    [4, 5],
    [9, 13],
  ],
  [
    [9, 8],
    [4, 3],
  ],
  [
    [4, 5],
    [7, 5],
  ],
  [
    [4, 5],
    [4, 11],
  ],
  [
    [1, 1],
    [3, 4],
  ],
  [
    [1, 3],
    [4, 7],
  ],
  [
    [2, 2],
    [16, 16],
  ],
] as const;

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
  poolCase('3x3, stride 2, padded', [2, 3, 7, 6], [3, 3], [2, 2], even(1)),
  poolCase('3x3, stride 1, padded', [2, 3, 5, 4], [3, 3], [1, 1], even(1)),
  poolCase('1x1, stride 2', [2, 3, 7, 6], [1, 1], [2, 2], even(0)),
  poolCase('2x2, stride 2', [2, 3, 8, 6], [2, 2], [2, 2], even(0)),
  poolCase('2x2, stride 2, the last row and column unseen', [2, 3, 7, 5], [2, 2], [2, 2], even(0)),
  poolCase('2x2, stride 2, the last windows partly outside', [2, 3, 7, 5], [2, 2], [2, 2], [0, 0, 1, 1]),
  poolCase('2x2, stride 2, unseen rows and columns partly outside', [1, 3, 7, 5], [2, 2], [2, 2], [0, 0, 0, 1]),
  poolCase('2x2, stride 2, padded in front', [2, 3, 7, 5], [2, 2], [2, 2], [1, 1, 0, 0]),
  poolCase('2x3, strides of its size', [2, 3, 6, 7], [2, 3], [2, 3], even(0)),
  poolCase('3x3, stride 2, padded, a further window at the ends', [2, 3, 8, 6], [3, 3], [2, 2], [1, 1, 2, 2]),
  linear('MatMul', 'means of windows that overlap', [operand([2, 3, 6, 8])], (g, x) => adaptiveAveragePool2d(g, x, 7)),
  curved('Div', 'by the length over channels', [operand([2, 5, 3, 4])], l2Normalize),
  ...INTERPOLATIONS.map(([from, to]) =>
    linear('InterpolateBilinear', `${from.join('x')} to ${to.join('x')}`, [operand([2, 3, ...from])], (g, x) =>
      g.op('InterpolateBilinear', [x], { outputSize: to }),
    ),
  ),
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
  linear('UpsampleNearest', 'twice as large', [operand([2, 3, 4, 5])], (g, x) =>
    g.op('UpsampleNearest', [x], { factor: 2 }),
  ),
];
