import { Graph } from '../../../src/engine/graph/graph.js';
import type { Value } from '../../../src/engine/graph/node.js';
import { conv, reduceSum } from '../../../src/engine/graph/ops.js';
import { channelBlock } from '../../../src/engine/runtime/channel-block.js';
import { execute } from '../support/execute.js';
import { numbers, random } from '../support/numbers.js';
import { relativeError } from '../support/reference-layers.js';

/** What the project relies on of onnxruntime's own operators over blocked channels, which are documented nowhere. */

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
