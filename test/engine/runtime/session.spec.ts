import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { Graph } from '../../../src/engine/graph/graph.js';
import { add, exp, mul } from '../../../src/engine/graph/ops.js';
import { writeModel } from '../../../src/engine/onnx/write-model.js';
import type { Tensor } from '../../../src/engine/runtime/session.js';
import { Session, float32Data, float32Tensor, int64Data, int64Tensor } from '../../../src/engine/runtime/session.js';
import { traced } from '../../../src/engine/runtime/trace.js';

/** y = x + x and z = exp(x), of four numbers. */
function doubling(): Uint8Array {
  const g = new Graph();
  const x = g.input('x', 'float32', [4]);
  return writeModel({
    graph: g,
    outputs: new Map([
      ['y', add(g, x, x)],
      ['z', exp(g, x)],
    ]),
  });
}

async function withSession<T>(model: Uint8Array, use: (session: Session) => Promise<T>): Promise<T> {
  const session = await Session.create(model, { threads: 1 });
  try {
    return await use(session);
  } finally {
    await session.release();
  }
}

const X = float32Tensor(Float32Array.of(1, 2, 3, 4), [4]);

test('the runtime is of the very version whose undocumented behaviour is relied on', () => {
  const folder = join(dirname(require.resolve('onnxruntime-node')), '..');
  const version = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'));
  const project = version(join(__dirname, '..', '..', '..', 'package.json'));
  expect(version(join(folder, 'package.json'))).toMatchObject({ version: '1.30.0' });
  expect(project).toMatchObject({ dependencies: { 'onnxruntime-node': '1.30.0' } });
});

describe('a tensor given for an output', () => {
  test('is written in the memory that it came with', async () => {
    await withSession(doubling(), async (session) => {
      const memory = new Float32Array(4);
      await session.run({ x: X }, { y: float32Tensor(memory, [4]) });
      expect(Array.from(memory)).toEqual([2, 4, 6, 8]);
    });
  });

  test('is written again by each run', async () => {
    await withSession(doubling(), async (session) => {
      const y = float32Tensor(new Float32Array(4), [4]);
      await session.run({ x: X }, { y });
      await session.run({ x: float32Tensor(Float32Array.of(5, 6, 7, 8), [4]) }, { y });
      expect(Array.from(float32Data(y, 'y'))).toEqual([10, 12, 14, 16]);
    });
  });

  test('may be the one that the next run reads, while that one writes another', async () => {
    await withSession(doubling(), async (session) => {
      let [current, next] = [float32Tensor(Float32Array.of(1, 2, 3, 4), [4]), float32Tensor(new Float32Array(4), [4])];
      for (let step = 0; step < 3; step++) {
        await session.run({ x: current }, { y: next });
        [current, next] = [next, current];
      }
      expect(Array.from(float32Data(current, 'y'))).toEqual([8, 16, 24, 32]);
    });
  });

  test('may be one that the same run reads, where all that reads it is done before it is written', async () => {
    const g = new Graph();
    const [velocity, gradient] = [g.input('velocity', 'float32', [2 ** 20]), g.input('gradient', 'float32', [2 ** 20])];
    const moved = add(g, mul(g, velocity, g.scalar(0.5)), gradient);
    const model = writeModel({
      graph: g,
      outputs: new Map([
        ['moved', moved],
        ['step', mul(g, moved, g.scalar(2))],
      ]),
    });
    await withSession(model, async (session) => {
      const tensor = (value: number): Tensor => float32Tensor(new Float32Array(2 ** 20).fill(value), [2 ** 20]);
      const [state, step] = [tensor(8), tensor(0)];
      for (let run = 0; run < 3; run++)
        await session.run({ velocity: state, gradient: tensor(4) }, { moved: state, step });
      await session.run({ velocity: state, gradient: tensor(1) }, { moved: state, step });
      expect(new Set(float32Data(state, 'moved'))).toEqual(new Set([5]));
      expect(new Set(float32Data(step, 'step'))).toEqual(new Set([10]));
    });
  });
});

describe('a run', () => {
  test('returns what is asked for without memory in new memory', async () => {
    await withSession(doubling(), async (session) => {
      const [first, second] = [await session.run({ x: X }, { y: null }), await session.run({ x: X }, { y: null })];
      expect(float32Data(first.y, 'y')).not.toBe(float32Data(second.y, 'y'));
      expect(float32Data(first.y, 'y')).toEqual(float32Data(second.y, 'y'));
    });
  });

  test('computes only what is asked for, and passes over inputs that the model does not have', async () => {
    await withSession(doubling(), async (session) => {
      expect(Object.keys(await session.run({ x: X, other: X }, { z: null }))).toEqual(['z']);
    });
  });

  test('without an input is refused with its name', async () => {
    await withSession(doubling(), async (session) => {
      await expect(session.run({}, { y: null })).rejects.toThrow(/'x'/);
    });
  });

  test('takes and gives int64', async () => {
    const g = new Graph();
    const model = writeModel({
      graph: g,
      outputs: new Map([['y', add(g, g.input('x', 'int64', [2]), g.int64([1, 2 ** 40]))]]),
    });
    await withSession(model, async (session) => {
      const { y } = await session.run({ x: int64Tensor(BigInt64Array.of(1n, 2n), [2]) }, { y: null });
      expect(int64Data(y, 'y')).toEqual(BigInt64Array.of(2n, 2n ** 40n + 2n));
    });
  });

  test('takes numbers too small for float32’s normal form as 0', async () => {
    const g = new Graph();
    const x = g.input('x', 'float32', [1]);
    const model = writeModel({ graph: g, outputs: new Map([['y', mul(g, x, g.scalar(2 ** -30))]]) });
    await withSession(model, async (session) => {
      const { y } = await session.run({ x: float32Tensor(Float32Array.of(2 ** -110), [1]) }, { y: null });
      expect(Array.from(float32Data(y, 'y'))).toEqual([0]);
    });
  });
});

test('a result of another type than expected is an error with its name', () => {
  expect(() => float32Data(int64Tensor(BigInt64Array.of(1n), [1]), 'y')).toThrow('output "y" is not a float32 tensor');
  expect(() => float32Data(undefined, 'y')).toThrow('output "y"');
  expect(() => int64Data(X, 'y')).toThrow('output "y" is not an int64 tensor');
});

test('a file that is no model is refused', async () => {
  await expect(Session.create(Uint8Array.of(1, 2, 3), { threads: 1 })).rejects.toThrow();
});

test.each([
  ['all', ['Add']],
  ['none', ['Exp', 'Add']],
] as const)('with rewriting "%s", the nodes that run are %j', async (rewriting, operators) => {
  const g = new Graph();
  const x = g.input('x', 'float32', [4]);
  const sum = add(g, x, exp(g, g.float32([1, 2, 3, 4])));
  const [run] = await traced(async (tracePrefix) => {
    const model = writeModel({ graph: g, outputs: new Map([['y', sum]]) });
    const session = await Session.create(model, { threads: 1, tracePrefix }, rewriting);
    await session.run({ x: X }, { y: null });
    session.endTrace();
    await session.release();
  });
  expect(run?.map(({ operator }) => operator)).toEqual(operators);
});
