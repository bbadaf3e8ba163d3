import { Dependencies } from '../../../src/engine/graph/dependencies.js';
import { Graph } from '../../../src/engine/graph/graph.js';
import type { Value } from '../../../src/engine/graph/node.js';
import { add, concat, exp, matMul, mul, reduceSum, reshape, slice, transpose } from '../../../src/engine/graph/ops.js';

const WINDOW = { strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1], group: 1 } as const;

/** A layer y = x w with its gradients, and an update of w that reads it as a summand. */
function layer(): { g: Graph; w: Value; dx: Value; dw: Value; updated: (kernel: Value) => Value } {
  const g = new Graph();
  const [x, w, dy] = [
    g.input('x', 'float32', [2, 4]),
    g.input('w', 'float32', [4, 4]),
    g.input('dy', 'float32', [2, 4]),
  ];
  const y = matMul(g, x, w);
  const dw = matMul(g, transpose(g, x, [1, 0]), mul(g, y, dy));
  const dx = matMul(g, dy, transpose(g, w, [1, 0]));
  const updated = (kernel: Value): Value =>
    g.op('FusedConv', [reshape(g, dw, [1, 1, 1, 16]), kernel, null, reshape(g, w, [1, 1, 1, 16])], WINDOW);
  return { g, w, dx, dw, updated };
}

const operators = (nodes: readonly { readonly operator: string }[]): string[] => nodes.map(({ operator }) => operator);

describe('nodes that a value does not wait for', () => {
  test('are those behind its maker, and those before it that nothing leads to', () => {
    const { g, dx, dw } = layer();
    const pass = new Dependencies(g);
    const makers = g.nodes.map(({ operator }) => operator);
    expect(makers).toEqual(['MatMul', 'Transpose', 'Mul', 'MatMul', 'Transpose', 'MatMul']);
    expect(pass.notBefore(dw, g.nodes)).toEqual(g.nodes.slice(3));
    expect(pass.notBefore(dx, g.nodes)).toEqual([...g.nodes.slice(0, 4), ...g.nodes.slice(5)]);
  });
});

describe('an update', () => {
  test('may not replace an input that another node may read after it', () => {
    const { g, w, updated } = layer();
    const update = updated(g.float32([-1], [1, 1, 1, 1]));
    expect(new Dependencies(g).mayReplace(w, update)).toBe(false);
  });

  test('may once it waits for that node, which computes with the transposed input', () => {
    const { g, w, dx, updated } = layer();
    const nothing = slice(g, reshape(g, dx, [-1]), 0, 0, 0);
    const update = updated(reshape(g, concat(g, [g.float32([-1]), nothing], 0), [1, 1, 1, 1]));
    expect(new Dependencies(g).mayReplace(w, update)).toBe(true);
  });

  test('may not replace an input of which the run gives out a form, which nothing makes it wait for', () => {
    const g = new Graph();
    const [c, d] = [g.input('c', 'float32', [4, 4]), g.input('d', 'float32', [4, 4])];
    const norm = reduceSum(g, mul(g, c, c), [0, 1]);
    const update = g.op('Gemm', [d, d, c], { transA: 0, transB: 0, alpha: 1, beta: 0.9 });
    expect(new Dependencies(g, [update]).mayReplace(c, update)).toBe(true);
    expect(new Dependencies(g, [norm, update]).mayReplace(c, update)).toBe(false);
  });

  test('may where the input is read through a product alone, and added to', () => {
    const g = new Graph();
    const [velocity, gradient] = [g.input('velocity', 'float32', [4]), g.input('gradient', 'float32', [4])];
    const update = add(g, mul(g, velocity, g.scalar(0.9)), gradient);
    expect(new Dependencies(g).mayReplace(velocity, update)).toBe(true);
  });

  test('may not where its own node reads the input in an order of its own, or is not known to read as it writes', () => {
    const g = new Graph();
    const [a, b] = [g.input('a', 'float32', [4, 4]), g.input('b', 'float32', [4, 4])];
    const gemm = (inputs: readonly Value[]): Value =>
      g.op('Gemm', inputs, { transA: 0, transB: 0, alpha: 1, beta: 0.9 });
    const [asSummand, asFactor, asBoth, sum] = [gemm([b, b, a]), gemm([a, b, b]), gemm([a, b, a]), add(g, a, b)];
    const reshaped = gemm([reshape(g, reshape(g, a, [16]), [4, 4]), b, b]);
    expect(
      [asSummand, asFactor, asBoth, sum, reshaped].map((update) => new Dependencies(g).mayReplace(a, update)),
    ).toEqual([false, false, false, false, false]);
    const alone = new Graph();
    const [c, d] = [alone.input('c', 'float32', [4, 4]), alone.input('d', 'float32', [4, 4])];
    const update = alone.op('Gemm', [d, d, c], { transA: 0, transB: 0, alpha: 1, beta: 0.9 });
    expect(new Dependencies(alone).mayReplace(c, update)).toBe(true);
    expect(new Dependencies(alone).mayReplace(d, update)).toBe(false);
  });

  test('may not where it is made of the input alone', () => {
    const g = new Graph();
    const x = g.input('x', 'float32', [4, 4]);
    const update = transpose(g, x, [1, 0]);
    expect(new Dependencies(g).mayReplace(x, update)).toBe(false);
  });
});

describe('readers of an input', () => {
  test('are the nodes that bring it together with something else', () => {
    const { g, w } = layer();
    expect(operators(new Dependencies(g).readersOf(w))).toEqual(['MatMul', 'MatMul']);
  });

  test('of forms of one input that come together, only those behind', () => {
    const g = new Graph();
    const [x, y] = [g.input('x', 'float32', [4, 4]), g.input('y', 'float32', [4, 4])];
    const symmetric = add(g, x, transpose(g, x, [1, 0]));
    mul(g, exp(g, symmetric), y);
    expect(operators(new Dependencies(g).readersOf(x))).toEqual(['Mul']);
  });

  test('are late where a value does not need them', () => {
    const { g, w, dw } = layer();
    const dependencies = new Dependencies(g);
    const [forward, backward] = dependencies.readersOf(w);
    expect(dependencies.notBefore(dw, dependencies.readersOf(w))).toEqual([backward]);
    expect(forward).not.toBe(backward);
  });
});
