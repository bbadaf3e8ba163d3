import type { PoolAttributes } from '../../../src/engine/graph/operators.js';
import { add } from '../../../src/engine/graph/ops.js';
import { elementCount } from '../../../src/engine/graph/tensor.js';
import { adaptiveAveragePool2d } from '../../../src/engine/nn/adaptive-pool.js';
import { even } from './conv-cases.js';
import type { GradientCase } from './gradient-case.js';
import { linear, operand } from './gradient-case.js';

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

export const resamplingCases = [
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
  ...INTERPOLATIONS.map(([from, to]) =>
    linear('InterpolateBilinear', `${from.join('x')} to ${to.join('x')}`, [operand([2, 3, ...from])], (g, x) =>
      g.op('InterpolateBilinear', [x], { outputSize: to }),
    ),
  ),
  linear('UpsampleNearest', 'twice as large', [operand([2, 3, 4, 5])], (g, x) =>
    g.op('UpsampleNearest', [x], { factor: 2 }),
  ),
];
