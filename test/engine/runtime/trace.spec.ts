import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { Graph } from '../../../src/engine/graph/graph.js';
import { exp, matMul, relu } from '../../../src/engine/graph/ops.js';
import { at } from '../../../src/engine/graph/tensor.js';
import { writeModel } from '../../../src/engine/onnx/write-model.js';
import { Session, float32Tensor } from '../../../src/engine/runtime/session.js';
import {
  TraceFormatError,
  operatorSeconds,
  parseTrace,
  secondsBesideNodes,
  forwardEnd,
  phaseSeconds,
  traced,
  traceSecondsPerNode,
  withoutTraceCost,
} from '../../../src/engine/runtime/trace.js';

const SIZE = 64;
const ONE_MATRIX = 4 * SIZE * SIZE;
/** Of sums of seconds that are whole microseconds in the trace. */
const ROUNDING = 1e-9;

interface TraceEvent {
  readonly cat: string;
  readonly name: string;
  readonly ts: unknown;
  readonly dur: unknown;
  readonly args: Readonly<Record<string, unknown>>;
}

/** A forward, a backward and an optimizer node, the first in a module. */
function threePhases(): Uint8Array {
  const g = new Graph();
  const x = g.input('x', 'float32', [SIZE, SIZE]);
  const product = g.within('head.fc', () => matMul(g, x, x));
  const gradient = g.during('backward', 'head.fc', () => exp(g, product));
  const updated = g.during('optimizer', 'head.fc.weight', () => relu(g, gradient));
  return writeModel({ graph: g, outputs: new Map([['updated', updated]]) });
}

async function runTraced(tracePrefix: string, runs: number): Promise<void> {
  const session = await Session.create(threePhases(), { threads: 1, tracePrefix });
  const x = float32Tensor(new Float32Array(SIZE * SIZE).fill(0.01), [SIZE, SIZE]);
  for (let run = 0; run < runs; run++) await session.run({ x }, { updated: null });
  session.endTrace();
  await session.release();
}

describe('onnxruntime’s trace file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'trace-test-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('is named after the prefix, and lists events with the fields that are read', async () => {
    await runTraced(join(folder, 'prefix'), 1);
    const files = readdirSync(folder);
    expect(files).toEqual([expect.stringMatching(/^prefix.*_\d{4}-\d{2}-\d{2}.*\.json$/)]);
    const events = JSON.parse(readFileSync(join(folder, at(files, 0)), 'utf8')) as readonly TraceEvent[];
    const found = (category: string, wanted: string): TraceEvent | undefined =>
      events.find(({ cat, name }) => cat === category && name === wanted);
    const [run, node] = [found('Session', 'model_run'), found('Node', 'forward/head.fc/MatMul_kernel_time')];
    expect([typeof run?.ts, typeof run?.dur]).toEqual(['number', 'number']);
    expect([typeof node?.ts, typeof node?.dur]).toEqual(['number', 'number']);
    expect(node?.args).toMatchObject({ op_name: 'MatMul' });
    // Byte counts are written as text.
    expect(node?.args.mem_bytes_in_use).toMatch(/^\d+$/);
    expect(node?.args.mem_arena_held).toMatch(/^\d+$/);
    expect(node?.args.mem_in_use_delta).toMatch(/^\d+$/);
  });
});

describe('a traced execution', () => {
  test('gives the nodes of each run in order, with phase, operator, time and memory', async () => {
    const runs = await traced((prefix) => runTraced(prefix, 3));
    expect(runs).toHaveLength(3);
    for (const run of runs) {
      expect(run.map(({ name, phase, module, operator }) => [name, phase, module, operator])).toEqual([
        ['forward/head.fc/MatMul', 'forward', 'head.fc', 'MatMul'],
        ['backward/head.fc/Exp', 'backward', 'head.fc', 'Exp'],
        ['optimizer/head.fc.weight/Relu', 'optimizer', 'head.fc.weight', 'Relu'],
      ]);
      expect(run.map(({ allocatedBytes }) => allocatedBytes)).toEqual([ONE_MATRIX, ONE_MATRIX, ONE_MATRIX]);
      for (const [index, { startSeconds }] of run.entries()) {
        const before = run[index - 1];
        expect(startSeconds).toBeGreaterThanOrEqual(before ? before.startSeconds + before.seconds - ROUNDING : 0);
      }
      for (const { seconds, bytesInUse, bytesHeld, inputShapes, outputShapes } of run) {
        expect(inputShapes).toContainEqual([SIZE, SIZE]);
        expect(outputShapes).toEqual([[SIZE, SIZE]]);
        expect(seconds).toBeGreaterThanOrEqual(0);
        expect(seconds).toBeLessThan(10);
        expect(bytesInUse).toBeGreaterThan(0);
        expect(bytesHeld).toBeGreaterThanOrEqual(bytesInUse);
      }
    }
  });

  test('leaves no files', async () => {
    let place = '';
    await traced(async (prefix) => {
      place = prefix;
      await runTraced(prefix, 1);
    });
    expect(existsSync(dirname(place))).toBe(false);
  });

  test('that wrote no trace is an error, and leaves no files either', async () => {
    let place = '';
    const silent = traced((prefix) => {
      place = prefix;
      return Promise.resolve();
    });
    await expect(silent).rejects.toThrow(TraceFormatError);
    expect(existsSync(dirname(place))).toBe(false);
  });
});

describe('a trace as text', () => {
  const run = (ts: number, dur: number): object => ({ cat: 'Session', name: 'model_run', ts, dur, args: {} });
  const node = (name: string, ts: number, dur: number, operator = 'Conv'): object => ({
    cat: 'Node',
    name: `${name}_kernel_time`,
    ts,
    dur,
    args: { op_name: operator, mem_bytes_in_use: '100', mem_arena_held: '200' },
  });

  test('tells what a run took beside its nodes, by the clock', () => {
    const nodes = [node('forward/a/Conv', 110, 20), node('forward/b/Conv', 140, 10)];
    const [traced = []] = parseTrace(JSON.stringify([run(100, 60), ...nodes]));
    // From 110 to 150: what the trace takes between nodes is no part of it.
    expect(secondsBesideNodes(65e-6, traced)).toBeCloseTo(25e-6, 9);
    expect(secondsBesideNodes(65e-6, [])).toBeCloseTo(65e-6, 9);
    expect(secondsBesideNodes(39e-6, traced)).toBe(0);
  });

  test('is divided into runs, nodes by their start', () => {
    const text = JSON.stringify([
      run(100, 50),
      node('forward/a/Conv', 120, 20),
      node('forward/b/Conv', 101, 10),
      run(200, 50),
      node('forward/a/Conv', 201, 5),
    ]);
    const runs = parseTrace(text).map((nodes) => nodes.map(({ name, seconds }) => [name, Math.round(seconds * 1e6)]));
    expect(runs).toEqual([
      [
        ['forward/b/Conv', 10],
        ['forward/a/Conv', 20],
      ],
      [['forward/a/Conv', 5]],
    ]);
  });

  test('tells when nodes began, and in which module they are', () => {
    const [nodes = []] = parseTrace(
      JSON.stringify([
        run(1000, 100),
        node('forward/Sub', 1001, 2),
        node('forward/body.1.conv/Relu_nchwc', 1010, 20),
        node('ReorderOutput_token_3', 1040, 1),
      ]),
    );
    expect(nodes.map(({ module, startSeconds }) => [module, Math.round(startSeconds * 1e6)])).toEqual([
      ['', 1],
      ['body.1.conv', 10],
      ['body.1.conv', 40],
    ]);
  });

  test('counts what the runtime put in between to the phase before', () => {
    const [nodes = []] = parseTrace(
      JSON.stringify([
        run(0, 100),
        node('reorder_1', 1, 1),
        node('forward/a/Conv', 10, 1),
        node('reorder_2', 20, 1),
        node('backward/a/Conv', 30, 1),
        node('reorder_3', 40, 1),
        node('optimizer/a/Mul', 50, 1),
      ]),
    );
    expect(nodes.map(({ phase }) => phase)).toEqual([
      'forward',
      'forward',
      'forward',
      'backward',
      'backward',
      'optimizer',
    ]);
  });

  test('is summed up by phase, and by phase and operator, slowest first', () => {
    const [nodes = []] = parseTrace(
      JSON.stringify([
        run(0, 100),
        node('forward/a/Conv', 1, 10),
        node('forward/b/Relu', 20, 4, 'Relu'),
        node('backward/b/Conv', 30, 20),
        node('backward/a/Conv', 60, 30),
        node('optimizer/a/Mul', 95, 1, 'Mul'),
      ]),
    );
    const seconds = phaseSeconds(nodes);
    expect(seconds.forward).toBeCloseTo(14e-6, 12);
    expect(seconds.backward).toBeCloseTo(50e-6, 12);
    expect(seconds.optimizer).toBeCloseTo(1e-6, 12);
    expect(operatorSeconds(nodes).map(({ phase, operator, count }) => [phase, operator, count])).toEqual([
      ['backward', 'Conv', 2],
      ['forward', 'Conv', 1],
      ['forward', 'Relu', 1],
      ['optimizer', 'Mul', 1],
    ]);
  });

  describe('has the time less what the trace itself takes', () => {
    const idle = [4, 3, 90, 5, 4, 2].map((dur, index) => node('forward/a/Reshape', 100 * index, dur, 'Reshape'));
    const [nodes = []] = parseTrace(
      JSON.stringify([run(0, 1000), ...idle, node('forward/a/Conv', 700, 50), node('forward/a/Relu', 800, 2, 'Relu')]),
    );
    const microseconds = (untraced: number): readonly number[] =>
      withoutTraceCost(nodes, traceSecondsPerNode(nodes, untraced * 1e-6)).map(({ seconds }) =>
        Math.round(seconds * 1e6),
      );

    test('so much of each operator that what they take without a trace is left', () => {
      // Of 160: 2 of the two quickest, 3 of the six others.
      expect(traceSecondsPerNode(nodes, 138e-6)).toBeCloseTo(3e-6, 12);
      expect(microseconds(138)).toEqual([1, 0, 87, 2, 1, 0, 47, 0]);
      expect(traceSecondsPerNode(nodes, 150e-6)).toBeCloseTo(1.25e-6, 12);
    });

    test('but at most twice what is written down for those that compute nothing', () => {
      // Of 2, 3, 4, 4, 5 and 90 the quicker half.
      expect(traceSecondsPerNode(nodes, 0)).toBeCloseTo(6e-6, 12);
      expect(traceSecondsPerNode(nodes, 100e-6)).toBeCloseTo(6e-6, 12);
    });

    test('and nothing where a run without a trace takes as long', () => {
      expect(traceSecondsPerNode(nodes, 160e-6)).toBe(0);
      expect(traceSecondsPerNode(nodes, 200e-6)).toBe(0);
    });

    test('and of nothing else', () => {
      const corrected = withoutTraceCost(nodes, traceSecondsPerNode(nodes, 138e-6));
      expect(corrected[6]).toMatchObject({ startSeconds: nodes[6]?.startSeconds, bytesInUse: 100 });
    });
  });

  test('is left as it is where every operator computes', () => {
    const [nodes = []] = parseTrace(JSON.stringify([run(0, 100), node('forward/a/Conv', 1, 10)]));
    expect(traceSecondsPerNode(nodes, 8e-6)).toBe(0);
    expect(withoutTraceCost(nodes, 0)).toEqual(nodes);
  });

  test('ends its forward pass with the last node that takes time, whatever runs before or after', () => {
    const [nodes = []] = parseTrace(
      JSON.stringify([
        run(0, 400),
        node('backward/loss/Expand', 1, 1),
        node('forward/a/Conv', 5, 100),
        node('forward/b/Conv', 110, 100),
        node('backward/b/Conv', 220, 100),
        node('forward/statistics/Mul', 330, 1),
      ]),
    );
    expect(forwardEnd(nodes)).toBe(2);
  });

  test('ends its forward pass before the backward one, however long its odds and ends at the end take', () => {
    const [nodes = []] = parseTrace(
      JSON.stringify([
        run(0, 600),
        node('backward/a/ReorderInput', 1, 20),
        node('forward/a/Conv', 30, 100),
        node('backward/a/Conv', 140, 200),
        node('forward/statistics/Mul', 350, 50),
        node('forward/statistics/Concat', 410, 40),
        node('optimizer/Add', 460, 30),
      ]),
    );
    expect(forwardEnd(nodes)).toBe(1);
  });

  test('without a run is an error', () => {
    expect(() => parseTrace('[]')).toThrow(TraceFormatError);
  });
});
