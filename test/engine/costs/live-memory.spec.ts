import { liveMemory } from '../../../src/engine/costs/live-memory.js';
import { Graph } from '../../../src/engine/graph/graph.js';
import type { Value } from '../../../src/engine/graph/node.js';
import { add, exp, relu, reshape } from '../../../src/engine/graph/ops.js';

const KIB = 1024;

function withInput(): { g: Graph; x: Value } {
  const g = new Graph();
  return { g, x: g.input('x', 'float32', [256]) };
}

function temporaryOf(g: Graph, outputs: readonly Value[]): number {
  const roles = { outputs, weights: new Set<Value>(), optimizerState: new Set<Value>() };
  const { activationBytes, gradientBytes, workspaceBytes } = liveMemory(g, roles, () => 1);
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
    const roles = { outputs: [update], weights: new Set([weight]), optimizerState: new Set([velocity]) };
    expect(liveMemory(g, roles, () => 1)).toEqual({
      totalBytes: 6 * KIB,
      weightBytes: KIB,
      optimizerBytes: 2 * KIB,
      inputBytes: KIB,
      activationBytes: 2 * KIB,
      gradientBytes: 0,
      workspaceBytes: 0,
    });
  });

  test('counts what only the run can size by its estimate', () => {
    const { g, x } = withInput();
    const found = g.op('NonZero', [x], {});
    const copy = g.op('Concat', [found, found], { axis: 0 });
    const roles = { outputs: [copy], weights: new Set<Value>(), optimizerState: new Set<Value>() };
    expect(liveMemory(g, roles, () => 10).activationBytes).toBe(80);
  });

  test('takes no node that no output needs', () => {
    const { g, x } = withInput();
    exp(g, exp(g, x));
    expect(temporaryOf(g, [relu(g, x)])).toBe(0);
  });
});
