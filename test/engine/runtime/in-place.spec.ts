import { Graph } from '../../../src/engine/graph/graph.js';
import type { Value } from '../../../src/engine/graph/node.js';
import { exp } from '../../../src/engine/graph/ops.js';
import { staticShape } from '../../../src/engine/graph/tensor.js';
import { uniform } from '../../../src/engine/synthetic/hash.js';
import { writeModel } from '../../../src/engine/onnx/write-model.js';
import { Session, float32Tensor } from '../../../src/engine/runtime/session.js';

/** What the project relies on, without onnxruntime's documentation, where a result lies in the memory of an operand. */

function random(name: string, count: number): Float32Array {
  return Float32Array.from(uniform(name, 1, count), (u) => 2 * u - 1);
}

/** Bit by bit. */
function isSame(a: Float32Array, b: Float32Array): boolean {
  return Buffer.from(a.buffer).equals(Buffer.from(b.buffer));
}

/** Runs a graph of one output thrice, the output feeding the input `state`: in its own memory, or in another. */
async function repeated(
  g: Graph,
  output: Value,
  data: ReadonlyMap<Value, Float32Array>,
  state: Value,
  inPlace: boolean,
): Promise<Float32Array> {
  const model = writeModel({ graph: g, outputs: new Map([['updated', output]]), outputsInPlace: true });
  const session = await Session.create(model, { threads: 2 });
  let current = Float32Array.from(data.get(state) ?? []);
  try {
    for (let run = 0; run < 3; run++) {
      const written = inPlace ? current : new Float32Array(current.length);
      const feeds = [...data].map(([value, content]) => {
        const shape = staticShape(value.name, value.shape);
        return [value.name, float32Tensor(value === state ? current : content, shape)] as const;
      });
      await session.run(Object.fromEntries(feeds), {
        updated: float32Tensor(written, staticShape('updated', output.shape)),
      });
      current = written;
    }
  } finally {
    await session.release();
  }
  return current;
}

/** Large enough for the threads to divide it. */
describe.each([
  [3, 700, 900],
  [8, 1024, 2048],
  [64, 300, 500],
])('over a sum of %d products, [%d, %d]', (inner, rows, columns) => {
  test('the result of Gemm may lie in its summand', async () => {
    const g = new Graph();
    const [a, b] = [g.input('a', 'float32', [inner, rows]), g.input('b', 'float32', [inner, columns])];
    const c = g.input('c', 'float32', [rows, columns]);
    const y = g.op('Gemm', [a, b, c], { transA: 1, transB: 0, alpha: 1, beta: 0.9 });
    const data = new Map(
      [a, b, c].map((value) => [
        value,
        random(
          value.name,
          value.shape.reduce<number>((n, dim) => n * Number(dim), 1),
        ),
      ]),
    );
    const expected = await repeated(g, y, data, c, false);
    expect(isSame(await repeated(g, y, data, c, true), expected)).toBe(true);
    const [first, left, right] = [data.get(c), data.get(a), data.get(b)];
    const place = 5 * columns + 7;
    let product = 0;
    for (let k = 0; k < inner; k++) product += (left?.[k * rows + 5] ?? NaN) * (right?.[k * columns + 7] ?? NaN);
    expect(expected[place]).toBeCloseTo(0.729 * (first?.[place] ?? NaN) + 2.71 * product, 4);
  });
});

test.each([1, 5, 1000, 3_000_001])(
  'the result of FusedConv, one number for a kernel, may lie in its summand of %d',
  async (count) => {
    const g = new Graph();
    const [x, z] = [g.input('x', 'float32', [1, 1, 1, count]), g.input('z', 'float32', [1, 1, 1, count])];
    const kernel = g.input('kernel', 'float32', [1, 1, 1, 1]);
    const window = { strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1], group: 1 } as const;
    const y = g.op('FusedConv', [x, kernel, null, z], window);
    const data = new Map([
      [x, random('x', count)],
      [kernel, Float32Array.of(-0.25)],
      [z, random('z', count)],
    ]);
    const expected = await repeated(g, y, data, z, false);
    expect(isSame(await repeated(g, y, data, z, true), expected)).toBe(true);
    const wrong = expected.findIndex((value, index) => {
      const wanted = (data.get(z)?.[index] ?? NaN) - 0.75 * (data.get(x)?.[index] ?? NaN);
      return !(Math.abs(value - wanted) < 1e-6);
    });
    expect(wrong).toBe(-1);
  },
);

describe('a model that returns nothing', () => {
  const doubled = (): Uint8Array => {
    const g = new Graph();
    const y = exp(g, g.input('x', 'float32', [2 ** 20]));
    return writeModel({ graph: g, outputs: new Map([['y', y]]), outputsInPlace: true });
  };
  const x = float32Tensor(new Float32Array(2 ** 20), [2 ** 20]);

  test('gives back the very tensors that it was given, and their content is not copied', async () => {
    const session = await Session.create(doubled(), { threads: 1 });
    const y = float32Tensor(new Float32Array(2 ** 20), [2 ** 20]);
    const before = process.memoryUsage().arrayBuffers;
    const results = await session.run({ x }, { y });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 20);
    expect(results.y).toBe(y);
    expect(y.data[2 ** 20 - 1]).toBe(1);
    await session.release();
  });

  test('needs memory for each output', async () => {
    const session = await Session.create(doubled(), { threads: 1 });
    await expect(session.run({ x }, { y: null })).rejects.toThrow('output "y" needs memory');
    await session.release();
  });

  test('still fails for the reasons of the run itself', async () => {
    const session = await Session.create(doubled(), { threads: 1 });
    await expect(session.run({}, { y: float32Tensor(new Float32Array(2 ** 20), [2 ** 20]) })).rejects.toThrow(/'x'/);
    await session.release();
  });
});
