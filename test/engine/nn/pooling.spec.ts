import { Graph } from '../../../src/engine/graph/graph.js';
import { adaptiveAveragePool2d } from '../../../src/engine/nn/adaptive-pool.js';
import type { PoolOptions } from '../../../src/engine/nn/layers.js';
import { maxPool2d } from '../../../src/engine/nn/layers.js';
import { execute } from '../support/execute.js';

describe('a max pool', () => {
  const sizeOf = (size: number, options: PoolOptions): unknown => {
    const g = new Graph();
    return maxPool2d(g, g.input('x', 'float32', [1, 1, size, 8]), options).shape[2];
  };

  // As torch.nn.MaxPool2d gives them.
  test.each([
    [75, 2, 2, 0, 37, 38],
    [76, 2, 2, 0, 38, 38],
    [7, 3, 2, 1, 4, 4],
    [8, 3, 2, 1, 4, 5],
    [6, 3, 3, 1, 2, 3],
    [4, 3, 5, 1, 1, 1],
    [9, 2, 3, 0, 3, 3],
    [5, 2, 4, 1, 2, 2],
  ])(
    'over %d positions, kernel %d, stride %d, padded by %d, gives %d, or %d with what is left over',
    (size, kernel, stride, pad, floor, ceiling) => {
      expect(sizeOf(size, { kernel, stride, pad })).toBe(floor);
      expect(sizeOf(size, { kernel, stride, pad, ceilMode: true })).toBe(ceiling);
    },
  );

  test('takes what is left over for what it is, without the padding', async () => {
    const g = new Graph();
    const x = g.float32([-1, -2, -3, -4, -5, -6, -7, -8, -9], [1, 1, 3, 3]);
    const [maxima] = await execute(g, [maxPool2d(g, x, { kernel: 2, stride: 2, pad: 0, ceilMode: true })]);
    expect([...(maxima ?? [])]).toEqual([-1, -3, -7, -9]);
  });
});

describe('an adaptive average pool', () => {
  const means = async (shape: readonly number[], cells: number, value: (index: number) => number) => {
    const g = new Graph();
    const count = shape.reduce((product, size) => product * size, 1);
    const x = g.constant(
      'float32',
      shape,
      Float32Array.from({ length: count }, (_, index) => value(index)),
    );
    const [pooled] = await execute(g, [adaptiveAveragePool2d(g, x, cells)]);
    return [...(pooled ?? [])];
  };

  // As torch.nn.AdaptiveAvgPool2d gives them.
  test('is the mean of windows that overlap where they do not come out even', async () => {
    expect(await means([1, 2, 3, 4], 2, (index) => index)).toEqual([2.5, 4.5, 6.5, 8.5, 14.5, 16.5, 18.5, 20.5]);
    expect(await means([1, 1, 3, 4], 3, (index) => index * index)).toEqual([
      0.5, 2.5, 6.5, 20.5, 30.5, 42.5, 72.5, 90.5, 110.5,
    ]);
  });

  test('repeats the values of a smaller map', async () => {
    expect((await means([1, 1, 1, 2], 7, (index) => index + 1)).slice(0, 7)).toEqual([1, 1, 1, 1.5, 2, 2, 2]);
  });
});
