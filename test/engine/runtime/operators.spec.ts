import { Graph } from '../../../src/engine/graph/graph.js';
import { conv } from '../../../src/engine/graph/ops.js';
import { at } from '../../../src/engine/graph/tensor.js';
import { execute } from '../support/execute.js';
import { numbers, random } from '../support/numbers.js';
import { batchNormalization, relativeError } from '../support/reference-layers.js';

/** What the project relies on of onnxruntime's operators where their documentation says nothing. */

describe('BatchNormalization in training', () => {
  const SHAPE = [3, 2, 4, 5];
  const EPSILON = 0.001;

  async function run(momentum: number): Promise<readonly (readonly number[])[]> {
    const g = new Graph();
    const values = [
      g.input('x', 'float32', SHAPE),
      ...['scale', 'bias', 'mean', 'variance'].map((name) => g.input(name, 'float32', [2])),
    ];
    const outputs = g.ops('BatchNormalization', values, { epsilon: EPSILON, momentum, training_mode: 1 });
    const data = [
      random('x', 120),
      random('scale', 2),
      random('bias', 2),
      Float32Array.of(5, 6),
      Float32Array.of(7, 8),
    ];
    const results = await execute(g, outputs, new Map(values.map((value, index) => [value, at(data, index)])));
    return results.map(numbers);
  }

  test('gives, with momentum 0, the mean and the population variance of the batch', async () => {
    const [y, mean, variance] = (await run(0)).map((values) => Float64Array.from(values));
    const expected = batchNormalization(
      { shape: SHAPE, data: random('x', 120) },
      random('scale', 2),
      random('bias', 2),
      new Float32Array(120),
      EPSILON,
    );
    expect(relativeError(y, expected.y)).toBeLessThan(1e-5);
    expect(relativeError(mean, expected.mean)).toBeLessThan(1e-5);
    expect(relativeError(variance, expected.variance)).toBeLessThan(1e-5);
  });

  test('mixes the given statistics in by the momentum', async () => {
    const [, batch = []] = await run(0);
    const [, mixed = []] = await run(0.75);
    mixed.forEach((value, channel) => {
      expect(value).toBeCloseTo(0.75 * (5 + channel) + 0.25 * at(batch, channel), 5);
    });
  });
});

describe('FusedMatMul', () => {
  /** a [2, 3, 4] or its transpose, b [2, 4, 5] or its transpose. */
  const A = random('a', 24);
  const B = random('b', 40);
  const transposed = (data: Float32Array, rows: number, columns: number): Float32Array =>
    Float32Array.from(data, (_, index) => {
      const [batch, place] = [Math.floor(index / (rows * columns)), index % (rows * columns)];
      return at([...data], batch * rows * columns + (place % rows) * columns + Math.floor(place / rows));
    });

  test.each([
    [0, 0],
    [0, 1],
    [1, 0],
    [1, 1],
  ])('transposes the last two axes of each matrix of a batch: transA %d, transB %d', async (transA, transB) => {
    const g = new Graph();
    const a = g.input('a', 'float32', transA ? [2, 4, 3] : [2, 3, 4]);
    const b = g.input('b', 'float32', transB ? [2, 5, 4] : [2, 4, 5]);
    const product = g.op('FusedMatMul', [a, b], { transA, transB, alpha: 0.5 });
    const [found] = await execute(
      g,
      [product],
      new Map([
        [a, transA ? transposed(A, 3, 4) : A],
        [b, transB ? transposed(B, 4, 5) : B],
      ]),
    );
    const expected = new Float64Array(30).map((_, index) => {
      const [batch, row, column] = [Math.floor(index / 15), Math.floor(index / 5) % 3, index % 5];
      let sum = 0;
      for (let k = 0; k < 4; k++) sum += at([...A], batch * 12 + row * 4 + k) * at([...B], batch * 20 + k * 5 + column);
      return sum / 2;
    });
    expect(relativeError(found, expected)).toBeLessThan(1e-6);
  });

  test('broadcasts batches', async () => {
    const g = new Graph();
    const a = g.input('a', 'float32', [3, 4]);
    const b = g.input('b', 'float32', [2, 5, 4]);
    const product = g.op('FusedMatMul', [a, b], { transA: 0, transB: 1, alpha: 1 });
    expect(product.shape).toEqual([2, 3, 5]);
    const [found] = await execute(
      g,
      [product],
      new Map([
        [a, A.slice(0, 12)],
        [b, transposed(B, 4, 5)],
      ]),
    );
    const last = [0, 1, 2, 3].reduce((sum, k) => sum + at([...A], 8 + k) * at([...B], 20 + k * 5 + 4), 0);
    expect(found?.[29]).toBeCloseTo(last, 6);
  });
});

describe('FusedConv', () => {
  test.each([
    ['plain', [3, 4, 3, 3], 1],
    ['depthwise 1x1', [4, 1, 1, 1], 4],
  ] as const)('adds bias and summand to the convolution: %s', async (_name, kernel, group) => {
    const g = new Graph();
    const pad = (kernel[2] - 1) / 2;
    const attributes = { strides: [1, 1], pads: [pad, pad, pad, pad], dilations: [1, 1], group } as const;
    const x = g.input('x', 'float32', [2, 4, 6, 5]);
    const weight = g.input('weight', 'float32', kernel);
    const bias = g.input('bias', 'float32', [kernel[0]]);
    const summand = g.input('summand', 'float32', [2, kernel[0], 6, 5]);
    const fused = g.op('FusedConv', [x, weight, bias, summand], attributes);
    const apart = g.op('Add', [conv(g, x, weight, bias, attributes), summand], {});
    const data = new Map(
      [x, weight, bias, summand].map((value) => [
        value,
        random(
          value.name,
          value.shape.reduce<number>((count, size) => count * Number(size), 1),
        ),
      ]),
    );
    const [found, expected] = await execute(g, [fused, apart], data);
    expect(relativeError(found, expected ?? new Float64Array())).toBeLessThan(1e-6);
  });
});
