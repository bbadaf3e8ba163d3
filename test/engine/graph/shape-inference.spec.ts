import { Graph } from '../../../src/engine/graph/graph.js';
import type { Value } from '../../../src/engine/graph/node.js';
import * as ops from '../../../src/engine/graph/ops.js';
import { ShapeError } from '../../../src/engine/graph/shape-inference.js';
import type { DataType, Shape } from '../../../src/engine/graph/tensor.js';

type Build = (g: Graph, input: (shape: Shape, dataType?: DataType) => Value) => Value | readonly Value[];

/** Types of what `build` returns, such as `float32[2, 3]`. */
function typesOf(build: Build): string {
  const g = new Graph();
  const result = build(g, (shape, dataType = 'float32') => g.input('x', dataType, shape));
  const values: readonly Value[] = 'name' in result ? [result] : result;
  return values.map(({ dataType, shape }) => `${dataType}[${shape.join(', ')}]`).join(' ');
}

const window = { strides: [2, 2], pads: [1, 1, 1, 1], dilations: [1, 1], group: 1 } as const;
const roiGrid = {
  mode: 'avg',
  coordinate_transformation_mode: 'output_half_pixel',
  output_height: 7,
  output_width: 3,
  sampling_ratio: 2,
  spatial_scale: 1,
} as const;
const pad = (g: Graph, x: Value, pads: readonly number[]): Value =>
  g.op('Pad', [x, g.int64(pads)], { mode: 'constant' });

describe('types and shapes', () => {
  test.each<[name: string, expected: string, build: Build]>([
    ['broadcast by rank and by axes of 1', 'float32[5, 2, 3]', (g, x) => ops.add(g, x([2, 1]), x([5, 1, 3]))],
    ['broadcast a size that only the run decides', 'float32[n, 3]', (g, x) => ops.mul(g, x(['n', 3]), x([3]))],
    ['of comparisons are bool', 'bool[2, 3]', (g, x) => ops.less(g, x([2, 3], 'int64'), x([3], 'int64'))],
    ['of a cast', 'int64[2]', (g, x) => ops.cast(g, x([2]), 'int64')],
    [
      'of what is left of dropping values out, and of its mask',
      'float32[2, 3] bool[2, 3]',
      (g, x) => g.ops('Dropout', [x([2, 3]), x([]), x([], 'bool')], {}),
    ],
    [
      'of parts of given sizes',
      'float32[1, 3] float32[4, 3]',
      (g, x) => g.ops('Split', [x([5, 3]), g.int64([1, 4])], { axis: 0, $parts: 2 }),
    ],
    ['of a choice', 'float32[2, 3]', (g, x) => ops.where(g, x([3], 'bool'), x([2, 1]), x([]))],
    ['of a convolution', 'float32[2, 8, 4, 5]', (g, x) => ops.conv(g, x([2, 3, 7, 9]), x([8, 3, 3, 3]), null, window)],
    [
      'of a depthwise convolution with dilations',
      'float32[1, 6, 7, 7]',
      (g, x) =>
        ops.conv(g, x([1, 6, 7, 7]), x([6, 1, 3, 3]), null, {
          strides: [1, 1],
          pads: [2, 2, 2, 2],
          dilations: [2, 2],
          group: 6,
        }),
    ],
    [
      'of a transposed convolution',
      'float32[2, 6, 14, 15]',
      (g, x) =>
        g.op('ConvTranspose', [x([2, 4, 7, 8]), x([4, 3, 3, 3])], { ...window, group: 2, output_padding: [1, 0] }),
    ],
    ['of a matrix product with batches', 'float32[2, 5, 3, 7]', (g, x) => ops.matMul(g, x([2, 1, 3, 4]), x([5, 4, 7]))],
    [
      'of a product with both operands transposed',
      'float32[3, 7]',
      (g, x) => g.op('FusedMatMul', [x([4, 3]), x([7, 4])], { transA: 1, transB: 1, alpha: 1 }),
    ],
    [
      'of batch normalisation in training',
      'float32[2, 3, 4, 4] float32[3] float32[3]',
      (g, x) => g.ops('BatchNormalizationTraining', [x([2, 3, 4, 4]), x([3]), x([3])], { epsilon: 1 }),
    ],
    ['of a reshape with an open size', 'float32[2, 12]', (g, x) => ops.reshape(g, x([2, 3, 4]), [2, -1])],
    [
      'of a reshape of what only the run sizes',
      'float32[reshape.0, 2]',
      (g, x) => ops.reshape(g, x(['n', 4]), [-1, 2]),
    ],
    ['of a transposition', 'float32[4, 2, 3]', (g, x) => ops.transpose(g, x([2, 3, 4]), [2, 0, 1])],
    ['of joined tensors', 'float32[2, 6]', (g, x) => ops.concat(g, [x([2, 1]), x([2, 2]), x([2, 3])], -1)],
    ['of a slice from the end', 'float32[2, 2]', (g, x) => ops.slice(g, x([2, 5]), 1, -3, -1)],
    ['of a slice with steps', 'float32[2, 3]', (g, x) => ops.slice(g, x([2, 6]), 1, 1, 1000, 2)],
    ['of an empty slice', 'float32[2, 0]', (g, x) => ops.slice(g, x([2, 6]), 1, 4, 2)],
    ['of a padded tensor', 'float32[2, 9]', (g, x) => pad(g, x([2, 6]), [0, 1, 0, 2])],
    ['of a tensor that is cut off on one side', 'float32[2, 7]', (g, x) => pad(g, x([2, 6]), [0, -1, 0, 2])],
    ['of an expanded tensor', 'float32[4, 2, 3]', (g, x) => ops.expand(g, x([2, 1]), [4, 1, 3])],
    ['of gathered rows', 'float32[2, 5, 7, 4]', (g, x) => ops.gather(g, x([2, 3, 4]), x([5, 7], 'int64'), 1)],
    ['of a scalar index', 'float32[2, 4]', (g, x) => ops.gather(g, x([2, 3, 4]), x([], 'int64'), 1)],
    ['of gathered elements', 'float32[2, 9]', (g, x) => ops.gatherElements(g, x([2, 3]), x([2, 9], 'int64'), 1)],
    ['of gathered places', 'float32[n, 4]', (g, x) => g.op('GatherND', [x([2, 3, 4]), x(['n', 2], 'int64')], {})],
    ['of a sum', 'float32[3]', (g, x) => ops.reduceSum(g, x([2, 3, 4]), [0, -1])],
    ['of a sum with its axes kept', 'float32[1, 3, 1]', (g, x) => ops.reduceSum(g, x([2, 3, 4]), [0, -1], true)],
    ['of the places of maxima', 'int64[2, 4]', (g, x) => ops.argMax(g, x([2, 3, 4]), 1)],
    ['of the largest and their places', 'float32[2, 5] int64[2, 5]', (g, x) => ops.topK(g, x([2, 9]), 5, 1)],
    [
      'of selected boxes',
      'int64[forward/NonMaxSuppression.selected, 3]',
      (g, x) => g.op('NonMaxSuppression', [x([1, 9, 4]), x([1, 1, 9])], { center_point_box: 0 }),
    ],
    [
      'of aligned regions, as many as only the run decides',
      'float32[n, 5, 7, 3]',
      (g, x) => g.op('RoiAlign', [x([2, 5, 9, 9]), x(['n', 4]), x(['n'], 'int64')], roiGrid),
    ],
    [
      'of regions aligned on several maps, and of these maps’ gradients',
      'float32[6, 5, 7, 3] float32[2, 5, 8, 9] float32[2, 5, 4, 5]',
      (g, x) => {
        const regions = [x([6, 4]), x([6], 'int64'), x([6], 'int64')];
        const sampling = { spatialScales: [1, 0.5], samplingRatio: 2 };
        const aligned = g.op('MultiScaleRoiAlign', [...regions, x([2, 5, 8, 9]), x([2, 5, 4, 5])], {
          ...sampling,
          outputSize: [7, 3],
        });
        const mapSizes = [
          [2, 8, 9],
          [2, 4, 5],
        ] as const;
        return [aligned, ...g.ops('RoiAlignGradient', [aligned, ...regions], { ...sampling, mapSizes })];
      },
    ],
    ['of the places of what is not 0', 'int64[2, forward/NonZero.found]', (g, x) => g.op('NonZero', [x([3, 4])], {})],
    [
      'of joined tensors, one of which only the run sizes',
      'float32[forward/Concat.joined, 3]',
      (g, x) => ops.concat(g, [x([2, 3]), x(['n', 3])], 0),
    ],
    [
      'of parts that only the run sizes',
      'float32[x_2.0, 3] float32[x_2.1, 3]',
      (g, x) => g.ops('Split', [x([5, 3]), x([2], 'int64')], { axis: 0, $parts: 2 }),
    ],
    ['of a fill', 'float32[2, 3]', (g) => ops.zeros(g, [2, 3])],
  ])('%s: %s', (_name, expected, build) => {
    expect(typesOf(build)).toBe(expected);
  });
});

describe('operands that do not fit', () => {
  test.each<[message: string, build: Build]>([
    ['[2, 3] and [2] do not broadcast at axis 1', (g, x) => ops.add(g, x([2, 3]), x([2]))],
    ['operands differ in element type', (g, x) => ops.add(g, x([2]), x([2], 'int64'))],
    ['the condition must be bool', (g, x) => ops.where(g, x([2]), x([2]), x([2]))],
    [
      '3 input channels do not fit 1 groups of 4 channels',
      (g, x) => ops.conv(g, x([1, 3, 8, 8]), x([2, 4, 3, 3]), null, window),
    ],
    [
      'the window is larger than the padded input',
      (g, x) => ops.conv(g, x([1, 3, 1, 1]), x([2, 3, 5, 5]), null, window),
    ],
    ['inner sizes 4 and 5 differ', (g, x) => ops.matMul(g, x([3, 4]), x([5, 2]))],
    ['operands need two axes or more', (g, x) => ops.matMul(g, x([4]), x([4, 2]))],
    ['padding by [0, -4, 0, -3] cuts off more than there is', (g, x) => pad(g, x([2, 6]), [0, -4, 0, -3])],
    ['24 elements do not fill [5, -1]', (g, x) => ops.reshape(g, x([2, 3, 4]), [5, -1])],
    ['24 elements do not fill [5, 5]', (g, x) => ops.reshape(g, x([2, 3, 4]), [5, 5])],
    ['at most one size can be left open', (g, x) => ops.reshape(g, x([2, 3]), [-1, -1])],
    ['input 1 must be a constant', (g, x) => g.op('Reshape', [x([2, 3]), x([1], 'int64')], {})],
    ['perm must name each axis once', (g, x) => ops.transpose(g, x([2, 3]), [0])],
    ['operands may differ in the joined axis only', (g, x) => ops.concat(g, [x([2, 3]), x([3, 3])], 1)],
    ['axis 2 is outside a tensor of rank 2', (g, x) => ops.concat(g, [x([2, 3]), x([2, 3])], 2)],
    ['axis 0 has no fixed size', (g, x) => ops.slice(g, x(['n', 3]), 0, 0, 1)],
    ['steps must be positive', (g, x) => ops.slice(g, x([5]), 0, 4, 0, -1)],
    ['cannot keep 6 of 5', (g, x) => ops.topK(g, x([5]), 6, 0)],
    [
      'the gradient must have the shape of the input',
      (g, x) => g.op('ClipGradient', [x([2]), x([3])], { min: 0, max: 1 }),
    ],
    ['the features need four axes', (g, x) => g.op('RoiAlign', [x([5, 9, 9]), x([6, 4]), x([6], 'int64')], roiGrid)],
    ['regions must be [K, 4]', (g, x) => g.op('RoiAlign', [x([2, 5, 9, 9]), x([6, 5]), x([6], 'int64')], roiGrid)],
    [
      'each region needs the index of one image',
      (g, x) => g.op('RoiAlign', [x([2, 5, 9, 9]), x([6, 4]), x([5], 'int64')], roiGrid),
    ],
    [
      'the maps differ in their number of channels',
      (g, x) =>
        g.op('MultiScaleRoiAlign', [x([6, 4]), x([6], 'int64'), x([6], 'int64'), x([2, 5, 8, 8]), x([2, 6, 4, 4])], {
          spatialScales: [1, 0.5],
          samplingRatio: 2,
          outputSize: [7, 7],
        }),
    ],
    [
      '1 maps do not fit 2 scales',
      (g, x) =>
        g.op('MultiScaleRoiAlign', [x([6, 4]), x([6], 'int64'), x([6], 'int64'), x([2, 5, 8, 8])], {
          spatialScales: [1, 0.5],
          samplingRatio: 2,
          outputSize: [7, 7],
        }),
    ],
    ['input 1 is missing', (g, x) => g.op('Add', [x([2]), null], {})],
  ])('%s', (message, build) => {
    expect(() => typesOf(build)).toThrow(ShapeError);
    expect(() => typesOf(build)).toThrow(message);
  });

  test('the error names the node, its operator and its operands with their types', () => {
    const g = new Graph();
    const [image, mean] = [g.input('image', 'float32', [3, 'h']), g.input('mean', 'float32', [2, 1])];
    expect(() => g.within('transform', () => ops.sub(g, image, mean))).toThrow(
      'Sub "forward/transform/Sub": [3, h] and [2, 1] do not broadcast at axis 0; ' +
        'given (image: float32[3, h]; mean: float32[2, 1])',
    );
  });
});
