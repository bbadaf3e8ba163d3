import type { Graph } from '../graph/graph.js';
import type { Value } from '../graph/node.js';
import { mul, reshape, sub, zeros } from '../graph/ops.js';
import type { PoolAttributes } from '../graph/operators.js';
import { elementCount, staticShape } from '../graph/tensor.js';
import type { LoweringRules } from './lowering-rule.js';
import { cutOut, sizes4 } from './maps.js';

const LOWEST = -3.4e38;
/** Slope of a hard sigmoid that is 1 at 0 and 0 from the smallest number below it. */
const STEP_SLOPE = 3e38;

/** Each pixel repeated into a window of pixels. */
function repeated(g: Graph, x: Value, [height, width]: readonly [number, number]): Value {
  return g.op('Resize', [x, null, g.float32([1, 1, height, width])], {
    mode: 'nearest',
    nearest_mode: 'floor',
    coordinate_transformation_mode: 'asymmetric',
  });
}

/** `[N, C, H, W]` brought to another size at its lower and right edge. */
function resized(g: Graph, x: Value, [height, width]: readonly [number, number], filling: number): Value {
  const [, , presentHeight, presentWidth] = sizes4(x);
  const [bottom, right] = [height - presentHeight, width - presentWidth];
  const cut = cutOut(g, x, [0, Math.min(height, presentHeight)], [0, Math.min(width, presentWidth)]);
  if (bottom <= 0 && right <= 0) return cut;
  const pads = g.int64([0, 0, 0, 0, 0, 0, Math.max(bottom, 0), Math.max(right, 0)]);
  return g.op('Pad', [cut, pads, g.scalar(filling)], { mode: 'constant' });
}

/** Whether each pixel lies in one window at most, and the first window begins at the first pixel. */
function isDisjoint({ kernel_shape: kernel, strides, pads, dilations }: PoolAttributes): boolean {
  const fits = ([0, 1] as const).every((axis) => kernel[axis] === strides[axis] && dilations[axis] === 1);
  return fits && pads[0] === 0 && pads[1] === 0;
}

/**
 * Of windows that do not overlap: maxima and gradients are repeated over their windows and compared with x there, in
 * multi-threaded passes; the runtime's pool with indices takes longer than all of these (bench/README.md).
 */
function disjointGradient(g: Graph, x: Value, dy: Value, attributes: PoolAttributes): Value {
  const { kernel_shape: kernel } = attributes;
  const [, , height, width] = sizes4(x);
  const [, , rows, columns] = sizes4(dy);
  const size = [rows * kernel[0], columns * kernel[1]] as const;
  const whole = resized(g, x, size, LOWEST);
  const window = { ...attributes, pads: [0, 0, 0, 0] } as const;
  const overWindows = (value: Value): Value => repeated(g, value, kernel);
  const isEqualTo = (value: Value, largest: Value): Value =>
    g.op('HardSigmoid', [sub(g, value, largest)], { alpha: STEP_SLOPE, beta: 1 });
  const isLargest = isEqualTo(whole, overWindows(g.op('MaxPool', [whole], window)));
  // Of several equal ones the first has the highest rank in its window; ranks begin at 1.
  const ranks = Float32Array.from({ length: elementCount(size) }, (_, index) => {
    const [row, column] = [Math.floor(index / size[1]) % kernel[0], (index % size[1]) % kernel[1]];
    return kernel[0] * kernel[1] - row * kernel[1] - column;
  });
  const ranked = mul(g, isLargest, g.constant('float32', size, ranks));
  const isFirst = isEqualTo(ranked, overWindows(g.op('MaxPool', [ranked], window)));
  return resized(g, mul(g, overWindows(dy), isFirst), [height, width], 0);
}

/** The pool is computed once more, with indices: the forward pass does without, for which the runtime has a faster way. */
function scatteredGradient(g: Graph, x: Value, dy: Value, attributes: PoolAttributes): Value {
  const shape = staticShape(x.name, x.shape);
  const [, indices] = g.ops('MaxPoolWithIndices', [x], attributes);
  if (!indices) throw new RangeError('a pool with indices has two outputs');
  const scattered = g.op(
    'ScatterElements',
    [zeros(g, [elementCount(shape)]), reshape(g, indices, [-1]), reshape(g, dy, [-1])],
    { axis: 0, reduction: 'add' },
  );
  return reshape(g, scattered, shape);
}

export const poolingLowerings: LoweringRules<
  'MaxPoolGradient' | 'StopGradient' | 'UpsampleNearest' | 'UpsampleNearestGradient'
> = {
  MaxPoolGradient: ({ g, input, attributes }) => [
    isDisjoint(attributes)
      ? disjointGradient(g, input(0), input(1), attributes)
      : scatteredGradient(g, input(0), input(1), attributes),
  ],
  StopGradient: ({ input }) => [input(0)],
  UpsampleNearest: ({ g, input, attributes: { factor } }) => [repeated(g, input(0), [factor, factor])],
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
