import { liveMemory } from '../../../src/engine/costs/live-memory.js';
import { Graph } from '../../../src/engine/graph/graph.js';
import type { Value } from '../../../src/engine/graph/node.js';
import { add, concat, equal, exp, gather, relu, reshape } from '../../../src/engine/graph/ops.js';

const KIB = 1024;

function withInput(): { g: Graph; x: Value } {
  const g = new Graph();
  return { g, x: g.input('x', 'float32', [256]) };
}

function temporaryOf(g: Graph, outputs: readonly Value[]): number {
  const roles = {
    outputs,
    updates: new Set<Value>(),
    weights: new Set<Value>(),
    optimizerState: new Set<Value>(),
    constantWeights: false,
  };
  const { activationBytes, gradientBytes, workspaceBytes } = liveMemory(g, roles);
  return activationBytes + gradientBytes + workspaceBytes;
}

describe('live memory', () => {
  test('of a chain is the two tensors of the node that runs', () => {
    const { g, x } = withInput();
    expect(temporaryOf(g, [exp(g, exp(g, exp(g, x)))])).toBe(2 * KIB);
  });

  test('of an operator that writes in place is one tensor', () => {
    const { g, x } = withInput();
    expect(temporaryOf(g, [exp(g, relu(g, exp(g, x)))])).toBe(KIB);
  });

  test('is not written over while somebody else reads it', () => {
    const { g, x } = withInput();
    const kept = exp(g, x);
    const overwriting = relu(g, kept);
    expect(temporaryOf(g, [exp(g, add(g, overwriting, kept))])).toBe(3 * KIB);
  });

  test('of a reshaped tensor is its own', () => {
    const { g, x } = withInput();
    expect(temporaryOf(g, [exp(g, reshape(g, exp(g, x), [16, 16]))])).toBe(KIB);
  });

  test('is divided by what it is for, at the moment at which it is most', () => {
    const { g, x } = withInput();
    const weight = g.input('weight', 'float32', [256]);
    const velocity = g.input('velocity', 'float32', [512]);
    const activation = exp(g, add(g, x, weight));
    const update = g.during('backward', '', () => exp(g, exp(g, add(g, activation, x))));
    const roles = {
      outputs: [update],
      updates: new Set([update]),
      weights: new Set([weight]),
      optimizerState: new Set([velocity]),
      constantWeights: false,
    };
    expect(liveMemory(g, roles)).toEqual({
      totalBytes: 6 * KIB,
      weightBytes: KIB,
      optimizerBytes: 2 * KIB,
      inputBytes: KIB,
      outputBytes: 0,
      activationBytes: 2 * KIB,
      gradientBytes: 0,
      workspaceBytes: 0,
    });
  });

  test('counts regions that only the run can divide among maps once', () => {
    const { g } = withInput();
    const maps = g.input('maps', 'int64', [100]);
    const places = [0, 1, 2].map((map) => g.op('NonZero', [equal(g, maps, g.int64([map], []))], {}));
    const rows = places.map((found) => gather(g, g.input('rows', 'float32', [100, 4]), reshape(g, found, [-1]), 0));
    // 16 bytes each as rows, and as much again where these are joined.
    expect(temporaryOf(g, [exp(g, concat(g, rows, 0))])).toBeCloseTo(100 * (16 + 16), 3);
  });

  test('takes no node that no output needs', () => {
    const { g, x } = withInput();
    exp(g, exp(g, x));
    expect(temporaryOf(g, [relu(g, x)])).toBe(0);
  });
});
