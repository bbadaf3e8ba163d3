import { mul, reshape, zeros } from '../graph/ops.js';
import { elementCount, staticShape } from '../graph/tensor.js';
import type { LoweringRules } from './lowering-rule.js';

export const poolingLowerings: LoweringRules<
  'MaxPoolGradient' | 'StopGradient' | 'UpsampleNearest' | 'UpsampleNearestGradient'
> = {
  // The pool is computed once more, with indices: the forward pass does without, for which the runtime has a faster way.
  MaxPoolGradient: ({ g, input, attributes }) => {
    const [x, dy] = [input(0), input(1)];
    const shape = staticShape(x.name, x.shape);
    const [, indices] = g.ops('MaxPoolWithIndices', [x], attributes);
    if (!indices) throw new RangeError('a pool with indices has two outputs');
    const scattered = g.op(
      'ScatterElements',
      [zeros(g, [elementCount(shape)]), reshape(g, indices, [-1]), reshape(g, dy, [-1])],
      { axis: 0, reduction: 'add' },
    );
    return [reshape(g, scattered, shape)];
  },
  StopGradient: ({ input }) => [input(0)],
  UpsampleNearest: ({ g, input, attributes: { factor } }) => [
    g.op('Resize', [input(0), null, g.float32([1, 1, factor, factor])], {
      mode: 'nearest',
      nearest_mode: 'floor',
      coordinate_transformation_mode: 'asymmetric',
    }),
  ],
  // A sum over each window is its mean times its pixels: the runtime pools with all threads, and reduces two axes apart
  // from each other with one.
  UpsampleNearestGradient: ({ g, input, attributes: { factor } }) => {
    const side = [factor, factor] as const;
    const means = g.op('AveragePool', [input(0)], {
      kernel_shape: side,
      strides: side,
      pads: [0, 0, 0, 0],
    });
    return [mul(g, means, g.scalar(factor * factor))];
  },
};
