import { Graph } from '../../../src/engine/graph/graph.js';
import type { Value } from '../../../src/engine/graph/node.js';
import { argMax, conv, reduceSum, scatterElements, topK } from '../../../src/engine/graph/ops.js';
import { at } from '../../../src/engine/graph/tensor.js';
import { uniform } from '../../../src/engine/synthetic/hash.js';
import { channelBlock } from '../../../src/engine/runtime/channel-block.js';
import { execute } from '../support/execute.js';
import { batchNormalization, relativeError } from '../support/reference-layers.js';

/** What the project relies on of onnxruntime's operators where their documentation says nothing. */

function random(name: string, count: number): Float32Array {
  return Float32Array.from(uniform(name, 1, count), (u) => 2 * u - 1);
}

const numbers = (values: Float64Array | undefined): number[] => Array.from(values ?? []);

describe('NonMaxSuppression, as torchvision’s nms', () => {
  /** Boxes that remain, in the order given: rows of x1, y1, x2, y2. */
  async function remaining(
    boxes: readonly (readonly number[])[],
    scores: readonly number[],
    overlapThreshold: number,
    scoreThreshold: number,
  ): Promise<readonly number[]> {
    const g = new Graph();
    const selected = g.op(
      'NonMaxSuppression',
      [
        g.float32(boxes.flat(), [1, boxes.length, 4]),
        g.float32(scores, [1, 1, scores.length]),
        g.int64([boxes.length]),
        g.float32([overlapThreshold]),
        g.float32([scoreThreshold]),
      ],
      { center_point_box: 0 },
    );
    const [rows] = await execute(g, [selected]);
    return numbers(rows).filter((_, index) => index % 3 === 2);
  }

  const WHOLE = [0, 0, 2, 2];
  const HALF = [0, 0, 2, 1];

  test('keeps a box whose overlap is the threshold, and suppresses one above it', async () => {
    expect(await remaining([WHOLE, HALF], [0.9, 0.8], 0.5, 0)).toEqual([0, 1]);
    expect(await remaining([WHOLE, HALF], [0.9, 0.8], 0.4999, 0)).toEqual([0]);
  });

  test('leaves out a score at the threshold', async () => {
    const apart = [
      [0, 0, 1, 1],
      [5, 5, 6, 6],
      [8, 8, 9, 9],
    ];
    expect(await remaining(apart, [0.5, 0.25, 0.125], 0.5, 0.25)).toEqual([0]);
    expect(await remaining(apart, [0.5, 0.25, 0.125], 0.5, 0.2499)).toEqual([0, 1]);
  });

  test('goes by falling scores, and at equal ones by the order given', async () => {
    const apart = [0, 3, 6, 9].map((x) => [x, 0, x + 1, 1]);
    expect(await remaining(apart, [0.2, 0.7, 0.9, 0.7], 0.5, 0)).toEqual([2, 1, 3, 0]);
    expect(await remaining([WHOLE, WHOLE], [0.5, 0.5], 0.5, 0)).toEqual([0]);
  });

  test('keeps what only a suppressed box overlaps', async () => {
    const chain = [0, 1, 2].map((x) => [x, 0, x + 2, 1]);
    expect(await remaining(chain, [0.9, 0.8, 0.7], 0.3, 0)).toEqual([0, 2]);
  });

  test('takes corners in either order, and boxes without area', async () => {
    expect(await remaining([WHOLE, [2, 2, 0, 0]], [0.9, 0.8], 0.5, 0)).toEqual([0]);
    expect(await remaining([[1, 1, 1, 1], WHOLE], [0.9, 0.8], 0.5, 0)).toEqual([0, 1]);
  });
});

describe('choices among equals', () => {
  test('TopK takes the first of equal numbers first', async () => {
    const g = new Graph();
    const [values, places] = topK(g, g.float32([3, 7, 7, 1, 7, 3]), 5, 0);
    expect((await execute(g, [values, places])).map(numbers)).toEqual([
      [7, 7, 7, 3, 3],
      [1, 2, 4, 0, 5],
    ]);
  });

  test('TopK of a whole long row does, too', async () => {
    const g = new Graph();
    const count = 3000;
    const [, places] = topK(g, g.float32(new Array<number>(count).fill(1)), count, 0);
    const [found] = await execute(g, [places]);
    expect(numbers(found)).toEqual(Array.from({ length: count }, (_, index) => index));
  });

  test('ArgMax takes the first', async () => {
    const g = new Graph();
    const [found] = await execute(g, [argMax(g, g.float32([1, 5, 5, 2, 2, 2], [2, 3]), 1)]);
    expect(numbers(found)).toEqual([1, 0]);
  });

  test('ScatterElements lets the last of several writers win', async () => {
    const g = new Graph();
    const written = scatterElements(g, g.float32([0, 0, 0, 0]), g.int64([1, 3, 1, 1]), g.float32([10, 20, 30, 40]), 0);
    const [found] = await execute(g, [written]);
    expect(numbers(found)).toEqual([0, 40, 0, 20]);
  });

  test('ScatterElements with addition adds all of them', async () => {
    const g = new Graph();
    const added = g.op('ScatterElements', [g.float32([1, 1, 1]), g.int64([2, 0, 2]), g.float32([10, 20, 30])], {
      axis: 0,
      reduction: 'add',
    });
    const [found] = await execute(g, [added]);
    expect(numbers(found)).toEqual([21, 1, 41]);
  });
});

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

describe('the layout of blocked channels', () => {
  async function block(): Promise<number> {
    // Machines without the layout never use it; the operators refuse to run there.
    return (await channelBlock()) ?? 0;
  }

  test('is of 8 or 16 channels, where there is one', async () => {
    expect([0, 8, 16]).toContain(await block());
    expect(await channelBlock()).toBe(await channelBlock());
  });

  test('there and back gives the same tensor, with channels padded by zeros in between', async () => {
    const size = await block();
    if (size === 0) return;
    const g = new Graph();
    const x = g.input('x', 'float32', [2, size + 4, 3, 5]);
    const blocked = g.op('ReorderInput', [x], { $paddedChannels: 2 * size });
    const back = g.op('ReorderOutput', [blocked], { channels: size + 4 });
    const data = random('x', 2 * (size + 4) * 15);
    const [inside, found] = await execute(g, [blocked, back], new Map([[x, data]]));
    expect(numbers(found)).toEqual(Array.from(data));
    expect(inside).toHaveLength(2 * 2 * size * 15);
    const sum = (values: readonly number[]): number => values.reduce((total, value) => total + Math.abs(value), 0);
    expect(sum(numbers(inside))).toBeCloseTo(sum(Array.from(data)), 3);
  });

  test('keeps the channels of a block together, position by position', async () => {
    const size = await block();
    if (size === 0) return;
    const g = new Graph();
    const x = g.input('x', 'float32', [1, 2 * size, 1, 3]);
    const blocked = g.op('ReorderInput', [x], { $paddedChannels: 2 * size });
    const data = Float32Array.from({ length: 2 * size * 3 }, (_, index) => index);
    const [found] = await execute(g, [blocked], new Map([[x, data]]));
    const expected = Array.from({ length: 2 * size * 3 }, (_, index) => {
      const [half, position, channel] = [Math.floor(index / (3 * size)), Math.floor(index / size) % 3, index % size];
      return (half * size + channel) * 3 + position;
    });
    expect(numbers(found)).toEqual(expected);
  });

  test('convolves each channel with its own filter, filters being blocked too', async () => {
    const size = await block();
    if (size === 0) return;
    const g = new Graph();
    const window = { strides: [2, 2], pads: [1, 0, 1, 2], dilations: [1, 1], group: size } as const;
    const x = g.input('x', 'float32', [2, size, 6, 5]);
    const weight = g.input('weight', 'float32', [size, 1, 3, 3]);
    const filter: Value = g.op(
      'Reshape',
      [
        g.op('Transpose', [g.op('Reshape', [weight, g.int64([size, 9])], {})], { perm: [1, 0] }),
        g.int64([size, 1, 3, 3]),
      ],
      {},
    );
    const blocked = g.op('NchwcConv', [g.op('ReorderInput', [x], { $paddedChannels: size }), filter], {
      ...window,
      kernel_shape: [3, 3],
    });
    const found = g.op('ReorderOutput', [blocked], { channels: size });
    const expected = conv(g, x, weight, null, window);
    const data = new Map([
      [x, random('x', 2 * size * 30)],
      [weight, random('weight', size * 9)],
    ]);
    const [actual, plain] = await execute(g, [found, expected], data);
    expect(relativeError(actual, plain ?? new Float64Array())).toBeLessThan(1e-6);
  });

  test('takes channels by fours only', async () => {
    if ((await block()) === 0) return;
    const g = new Graph();
    const x = g.input('x', 'float32', [1, 6, 2, 2]);
    const blocked = g.op('ReorderInput', [x], { $paddedChannels: 16 });
    await expect(execute(g, [reduceSum(g, blocked, [0])], new Map([[x, random('x', 24)]]))).rejects.toThrow(
      /channels % 4/,
    );
  });
});
