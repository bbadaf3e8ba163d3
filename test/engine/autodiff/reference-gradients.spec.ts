import { differentiate } from '../../../src/engine/autodiff/differentiate.js';
import { Graph } from '../../../src/engine/graph/graph.js';
import { conv, mul } from '../../../src/engine/graph/ops.js';
import { at, staticShape } from '../../../src/engine/graph/tensor.js';
import { sumAll } from '../../../src/engine/nn/losses.js';
import type { Layout } from '../support/execute.js';
import { execute } from '../support/execute.js';
import { batchNormalization, convGradients, relativeError } from '../support/reference-layers.js';
import type { ConvCase } from './conv-cases.js';
import { convCases } from './conv-cases.js';
import { operand, randomNumbers } from './gradient-case.js';

const SEED = 7;
const FLOAT32_TOLERANCE = 5e-6;

/** Errors of a convolution's gradients by input and weight. */
async function convErrors(
  { name, input, kernel, attributes }: ConvCase,
  layout: Layout,
): Promise<readonly [number, number]> {
  const g = new Graph();
  const x = g.input('x', 'float32', input);
  const weight = g.input('weight', 'float32', kernel);
  const y = conv(g, x, weight, null, attributes);
  const dy = g.input('dy', 'float32', y.shape);
  const gradients = differentiate(g, sumAll(g, mul(g, y, dy)), [x, weight]);
  const wanted = [x, weight].flatMap((value) => gradients.get(value) ?? []);
  const data = new Map(
    [x, weight, dy].map((value) => {
      const shape = staticShape(value.name, value.shape);
      return [value, { shape, data: randomNumbers(`${name}.${value.name}`, SEED, operand(shape)) }] as const;
    }),
  );
  const contents = new Map([...data].map(([value, tensor]) => [value, tensor.data]));
  const [dx, dweight] = await execute(g, wanted, contents, layout);
  const [seen, taps, arrived] = [...data.values()];
  if (!seen || !taps || !arrived) throw new Error('three tensors were made');
  const expected = convGradients(seen, taps, arrived, attributes);
  return [relativeError(dx, expected.input), relativeError(dweight, expected.weight)];
}

describe.each(['plain', 'blocked'] as const)(
  `gradients of a convolution in %s layout, beside double precision (seed ${SEED})`,
  (layout) => {
    test.each(convCases.map((convCase) => [convCase.name, convCase] as const))('%s', async (_name, convCase) => {
      const [byInput, byWeight] = await convErrors(convCase, layout);
      expect(byInput).toBeLessThan(FLOAT32_TOLERANCE);
      expect(byWeight).toBeLessThan(FLOAT32_TOLERANCE);
    });
  },
);

test.each(['plain', 'blocked'] as const)(
  'gradients of a convolution in %s layout that sees padding alone are 0',
  async (layout) => {
    const g = new Graph();
    const [x, weight] = [g.input('x', 'float32', [4, 32, 1, 4]), g.input('weight', 'float32', [5, 32, 2, 4])];
    const y = conv(g, x, weight, null, { strides: [3, 3], pads: [3, 3, 0, 1], dilations: [1, 1], group: 1 });
    const gradients = differentiate(g, sumAll(g, y), [x, weight]);
    const wanted = [x, weight].flatMap((value) => gradients.get(value) ?? []);
    const contents = new Map(
      [x, weight].map((value) => {
        const shape = staticShape(value.name, value.shape);
        return [value, randomNumbers(value.name, SEED, operand(shape))] as const;
      }),
    );
    const results = await execute(g, wanted, contents, layout);
    expect(results.map((result) => result.length)).toEqual([4 * 32 * 4, 5 * 32 * 8]);
    expect(results.flatMap((result) => Array.from(result)).every((value) => value === 0)).toBe(true);
  },
);

describe(`batch normalisation in training, beside double precision (seed ${SEED})`, () => {
  const EPSILON = 0.001;

  /**
   * The mean's own rounding error in float32 is up to 6e-8 of the mean; as a share of the deviation it comes back in
   * everything normalised. On small maps the gradient of the scale is computed with the mean taken out, on large ones as a
   * difference of two sums, each as many times larger as the mean is larger than the deviation, so that their rounding
   * errors count as well.
   */
  const toleranceOf = (part: string, positions: number, meanOverDeviation: number): number => {
    const ofMean = part === 'dscale' ? (positions > 200 ? 1e-6 : 6e-8) : 2e-7;
    return FLOAT32_TOLERANCE + ofMean * meanOverDeviation;
  };

  test.each([
    ['mean near 0', [4, 3, 6, 5], 0],
    ['mean 10 times the deviation', [4, 3, 6, 5], 10],
    ['mean 100 times the deviation', [4, 3, 6, 5], 100],
    ['mean 1000 times the deviation', [4, 3, 6, 5], 1000],
    ['a large map', [2, 16, 80, 80], 3],
    ['a large map, mean 100 times the deviation', [2, 4, 40, 40], 100],
    ['a large map, mean 1000 times the deviation', [2, 4, 40, 40], 1000],
    ['a map of middle size, mean 1000 times the deviation', [2, 4, 18, 17], 1000],
    ['one position an image', [8, 5, 1, 1], 1],
    ['two values a channel', [2, 5, 1, 1], 1],
    ['one image', [1, 3, 7, 4], 1],
  ] as const)('%s', async (name, shape, meanOverDeviation) => {
    const g = new Graph();
    const x = g.input('x', 'float32', shape);
    const [scale, bias] = [g.input('scale', 'float32', [shape[1]]), g.input('bias', 'float32', [shape[1]])];
    const results = g.ops('BatchNormalizationTraining', [x, scale, bias], { epsilon: EPSILON });
    const dy = g.input('dy', 'float32', shape);
    const gradients = differentiate(g, sumAll(g, mul(g, at(results, 0), dy)), [x, scale, bias]);
    const random = (part: string, of: readonly number[], from: number, to: number): Float32Array =>
      randomNumbers(`${name}.${part}`, SEED, operand(of, { from, to }));
    // A uniform distribution of width sqrt(12) has deviation 1.
    const half = Math.sqrt(3);
    const data = {
      x: random('x', shape, meanOverDeviation - half, meanOverDeviation + half),
      scale: random('scale', [shape[1]], 0.5, 2),
      bias: random('bias', [shape[1]], -1, 1),
      dy: random('dy', shape, -1, 1),
    };
    const wanted = [...results, ...[x, scale, bias].flatMap((value) => gradients.get(value) ?? [])];
    const feeds = new Map([
      [x, data.x],
      [scale, data.scale],
      [bias, data.bias],
      [dy, data.dy],
    ]);
    const [y, mean, variance, dx, dscale, dbias] = await execute(g, wanted, feeds);
    const expected = batchNormalization({ shape, data: data.x }, data.scale, data.bias, data.dy, EPSILON);
    const actual = { y, mean, variance, dx, dscale, dbias };
    for (const part of ['y', 'mean', 'variance', 'dx', 'dscale', 'dbias'] as const) {
      const error = relativeError(actual[part], expected[part]);
      expect({ part, holds: error < toleranceOf(part, shape[2] * shape[3], meanOverDeviation) }).toEqual({
        part,
        holds: true,
      });
    }
  });
});
