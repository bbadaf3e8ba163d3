import { differentiate } from '../../../src/engine/autodiff/differentiate.js';
import { Graph } from '../../../src/engine/graph/graph.js';
import type { Value } from '../../../src/engine/graph/node.js';
import type { PoolAttributes } from '../../../src/engine/graph/operators.js';
import { clip, gatherElements, hardSigmoid, hardSwish, relu, reshape } from '../../../src/engine/graph/ops.js';
import { smoothL1, sumAll } from '../../../src/engine/nn/losses.js';
import { execute } from '../support/execute.js';

/** The derivative of `f` at each of `places`. */
async function slopes(f: (g: Graph, x: Value) => Value, places: readonly number[]): Promise<readonly number[]> {
  const g = new Graph();
  const x = g.input('x', 'float32', [places.length]);
  const gradient = differentiate(g, sumAll(g, f(g, x)), [x]).get(x);
  if (!gradient) throw new Error('x has no gradient');
  const [found] = await execute(g, [gradient], new Map([[x, Float32Array.from(places)]]));
  return Array.from(found ?? [], Math.fround);
}

/** The next float32 above and below a number. */
const above = (x: number): number => Math.fround(x + Math.max(Math.abs(x), 2 ** -126) * 2 ** -23);
const below = (x: number): number => -above(-x);

describe('derivatives where a function has none, as PyTorch has them', () => {
  test('relu: 0 at 0, 1 from the next number on', async () => {
    expect(await slopes(relu, [-1, -0, 0, 1e-30, 1])).toEqual([0, 0, 0, 1, 1]);
  });

  test('relu6: 0 at both bounds', async () => {
    const relu6 = (g: Graph, x: Value): Value => clip(g, x, 0, 6);
    // Around the centre 3, float32 does not tell numbers below 1e-7 from 0.
    expect(await slopes(relu6, [-1, 0, 5e-7, below(6), 6, above(6)])).toEqual([0, 0, 1, 1, 0, 0]);
  });

  test('clip with a single bound: 0 at it', async () => {
    expect(await slopes((g, x) => clip(g, x, 0.5, Infinity), [0, 0.5, above(0.5), 9])).toEqual([0, 0, 1, 1]);
    expect(await slopes((g, x) => clip(g, x, 1000, Infinity), [0, 1000, above(1000), 1e6])).toEqual([0, 0, 1, 1]);
    expect(await slopes((g, x) => clip(g, x, -Infinity, 4.125), [-9, below(4.125), 4.125, 5])).toEqual([1, 1, 0, 0]);
  });

  test('clip to an interval around 0: 0 at both bounds', async () => {
    const clipped = (g: Graph, x: Value): Value => clip(g, x, -1, 1);
    expect(await slopes(clipped, [-2, -1, above(-1), 0, 1e-20, below(1), 1, 2])).toEqual([0, 0, 1, 1, 1, 1, 0, 0]);
  });

  test('hard sigmoid: 0 at -3 and 3', async () => {
    const sixth = Math.fround(1 / 6);
    expect(await slopes(hardSigmoid, [-4, -3, -2.999, 0, 2.999, 3, 4])).toEqual([0, 0, sixth, sixth, sixth, 0, 0]);
  });

  // PyTorch since 2.7; older versions have -0.5 and 1.5, the values inside.
  test('hard swish: 0 at -3 and 1 at 3, the values outside', async () => {
    const found = await slopes(hardSwish, [-1e20, -4, -3, -2.75, 0, 2.75, 3, 4, 1e20]);
    const expected = [0, 0, 0, -2.75 / 3 + 0.5, 0.5, 2.75 / 3 + 0.5, 1, 1, 1];
    found.forEach((slope, index) => {
      expect(slope).toBeCloseTo(expected[index] ?? NaN, 6);
    });
  });

  test('smooth L1: its two pieces meet without a corner', async () => {
    const found = await slopes((g, x) => smoothL1(g, x, g.scalar(0)), [-3, -1, -0.5, 0, 0.5, 1, 3]);
    expect(found).toEqual([-1, -1, -0.5, 0, 0.5, 1, 1]);
  });
});

describe('max pooling of equal numbers: the gradient goes to the first', () => {
  type Window = Pick<PoolAttributes, 'kernel_shape' | 'strides' | 'pads'>;

  /** The gradient of the sum of maxima over windows of one 4 x 4 map. */
  async function poolSlopes(window: Window, places: readonly number[]): Promise<readonly number[]> {
    return slopes((g, x) => g.op('MaxPool', [reshape(g, x, [1, 1, 4, 4])], { ...window, dilations: [1, 1] }), places);
  }

  const MAP = [...[0, 0, 5, 7], ...[0, 0, 7, 7], ...[-2, -1, -3, -9], ...[-1, -1, -4, -3]];

  test('windows beside each other', async () => {
    const window: Window = { kernel_shape: [2, 2], strides: [2, 2], pads: [0, 0, 0, 0] };
    expect(await poolSlopes(window, MAP)).toEqual([1, 0, 0, 1, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]);
  });

  test('neighbouring numbers are not equal', async () => {
    const window: Window = { kernel_shape: [4, 4], strides: [4, 4], pads: [0, 0, 0, 0] };
    const near = [1, above(1), below(above(1)), 1];
    expect(
      await poolSlopes(
        window,
        near.flatMap((x) => [x, x, x, x]),
      ),
    ).toEqual([...[0, 0, 0, 0], ...[1, 0, 0, 0], ...[0, 0, 0, 0], ...[0, 0, 0, 0]]);
    const tiny = new Array<number>(16).fill(1e-37);
    tiny[6] = 1.2e-37;
    expect((await poolSlopes(window, tiny)).indexOf(1)).toBe(6);
  });

  test('windows that overlap', async () => {
    const window: Window = { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] };
    expect(await poolSlopes(window, MAP)).toEqual([1, 0, 0, 1, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  });
});

test('a place gathered several times gets the sum, one gathered never gets 0', async () => {
  const gathered = (g: Graph, x: Value): Value => gatherElements(g, x, g.int64([1, 1, 3, 1]), 0);
  expect(await slopes(gathered, [5, 6, 7, 8])).toEqual([0, 3, 0, 1]);
});
