import { differentiate } from '../../../src/engine/autodiff/differentiate.js';
import { DifferentiationError } from '../../../src/engine/autodiff/gradient-rule.js';
import { Graph } from '../../../src/engine/graph/graph.js';
import type { Value } from '../../../src/engine/graph/node.js';
import {
  add,
  argMax,
  cast,
  exp,
  greater,
  max,
  mul,
  neg,
  reduceSum,
  sub,
  where,
} from '../../../src/engine/graph/ops.js';
import { at } from '../../../src/engine/graph/tensor.js';
import { sumAll } from '../../../src/engine/nn/losses.js';
import { execute } from '../support/execute.js';

function vector(g: Graph, name: string, size = 3): Value {
  return g.input(name, 'float32', [size]);
}

async function gradientOf(
  g: Graph,
  loss: Value,
  variable: Value,
  inputs: ReadonlyMap<Value, number[]>,
): Promise<number[]> {
  const gradient = differentiate(g, loss, [variable]).get(variable);
  if (!gradient) throw new Error(`${variable.name} has no gradient`);
  const data = new Map([...inputs].map(([value, numbers]) => [value, Float32Array.from(numbers)]));
  const [found] = await execute(g, [gradient], data);
  return Array.from(found ?? []);
}

const backwardNodes = (g: Graph): readonly string[] =>
  g.nodes.filter(({ phase }) => phase === 'backward').map(({ name }) => name);

describe('the driver', () => {
  test('adds up what arrives over several paths', async () => {
    const g = new Graph();
    const x = vector(g, 'x');
    const loss = sumAll(g, add(g, mul(g, x, x), add(g, x, neg(g, mul(g, x, g.scalar(4))))));
    expect(await gradientOf(g, loss, x, new Map([[x, [1, 2, 3]]]))).toEqual([2 * 1 - 3, 2 * 2 - 3, 2 * 3 - 3]);
  });

  test('sums over the axes along which an operand was broadcast', async () => {
    const g = new Graph();
    const [x, y] = [g.input('x', 'float32', [2, 1]), g.input('y', 'float32', [4, 1, 3])];
    const loss = sumAll(g, mul(g, x, y));
    const gradients = differentiate(g, loss, [x, y]);
    expect(gradients.get(x)?.shape).toEqual([2, 1]);
    expect(gradients.get(y)?.shape).toEqual([4, 1, 3]);
    const ones = new Map([
      [x, Float32Array.of(1, 2)],
      [y, new Float32Array(12).fill(1)],
    ]);
    const [byX, byY] = await execute(g, [...gradients.values()], ones);
    expect(Array.from(byX ?? [])).toEqual([12, 12]);
    expect(Array.from(byY ?? [])).toEqual(new Array(12).fill(3));
  });

  test('adds gradients of sums over different axes', async () => {
    const g = new Graph();
    const x = g.input('x', 'float32', [2, 3]);
    const weighted = (sums: Value, weights: readonly number[]): Value => sumAll(g, mul(g, sums, g.float32(weights)));
    const loss = add(g, weighted(reduceSum(g, x, [0]), [1, 2, 3]), weighted(reduceSum(g, x, [1]), [10, 20]));
    const zeros = new Map([[x, new Array<number>(6).fill(0)]]);
    expect(await gradientOf(g, loss, x, zeros)).toEqual([11, 12, 13, 21, 22, 23]);
  });

  test('gives the gradient of a plain sum its full shape', async () => {
    const g = new Graph();
    const x = g.input('x', 'float32', [2, 3]);
    const zeros = new Map([[x, new Array<number>(6).fill(0)]]);
    expect(await gradientOf(g, sumAll(g, x), x, zeros)).toEqual(new Array(6).fill(1));
  });

  test('gives no gradient to a variable that the loss does not depend on', () => {
    const g = new Graph();
    const [x, other] = [vector(g, 'x'), vector(g, 'other')];
    exp(g, other);
    const gradients = differentiate(g, sumAll(g, exp(g, x)), [x, other]);
    expect([...gradients.keys()]).toEqual([x]);
  });

  test('builds nothing when no variable leads to the loss', () => {
    const g = new Graph();
    const [x, other] = [vector(g, 'x'), vector(g, 'other')];
    expect(differentiate(g, sumAll(g, exp(g, x)), [other]).size).toBe(0);
    expect(backwardNodes(g)).toEqual([]);
  });

  test('puts a gradient’s nodes into the module of the node that they differentiate', () => {
    const g = new Graph();
    const x = vector(g, 'x');
    const y = g.within('body', () => g.within('layer1', () => exp(g, x)));
    differentiate(g, sumAll(g, y), [x]);
    expect(backwardNodes(g).at(-1)).toBe('backward/body.layer1/Mul');
  });

  test('ends at comparisons and indices', async () => {
    const g = new Graph();
    const x = vector(g, 'x');
    const chosen = where(g, greater(g, x, g.scalar(2)), x, g.scalar(0));
    const loss = add(g, sumAll(g, chosen), cast(g, argMax(g, x, 0), 'float32'));
    expect(await gradientOf(g, loss, x, new Map([[x, [1, 2, 3]]]))).toEqual([0, 0, 1]);
  });

  test('ends at a cast to integers', async () => {
    const g = new Graph();
    const x = vector(g, 'x');
    const loss = sumAll(g, sub(g, x, cast(g, cast(g, x, 'int64'), 'float32')));
    expect(await gradientOf(g, loss, x, new Map([[x, [1.5, 2.5, 3.5]]]))).toEqual([1, 1, 1]);
  });
});

describe('what cannot be differentiated', () => {
  test('an operator without a gradient on the path is named, with its node', () => {
    const g = new Graph();
    const x = vector(g, 'x');
    const loss = g.within('head', () => sumAll(g, max(g, x, g.scalar(0))));
    expect(() => differentiate(g, loss, [x])).toThrow(DifferentiationError);
    expect(() => differentiate(g, loss, [x])).toThrow(/Max "forward\/head\/Max".*no gradient/);
  });

  test('an operator without a gradient aside of the path does not matter', () => {
    const g = new Graph();
    const [x, other] = [vector(g, 'x'), vector(g, 'other')];
    const loss = sumAll(g, mul(g, x, max(g, other, g.scalar(0))));
    expect(differentiate(g, loss, [x]).size).toBe(1);
  });

  test('a bound that must be known, and is not, is named by its place', () => {
    const g = new Graph();
    const [x, low] = [vector(g, 'x'), g.input('low', 'float32', [])];
    const loss = sumAll(g, g.op('Clip', [x, low, g.scalar(1)], {}));
    expect(() => differentiate(g, loss, [low])).toThrow(/operand 1 of "forward\/Clip" must be a constant/);
  });

  test('a second output that leads to the loss is an error', () => {
    const g = new Graph();
    const x = g.input('x', 'float32', [2, 3, 4, 4]);
    const channels = [g.input('scale', 'float32', [3]), g.input('bias', 'float32', [3])];
    const outputs = g.ops('BatchNormalizationTraining', [x, ...channels], { epsilon: 1e-3 });
    const loss = add(g, sumAll(g, at(outputs, 0)), sumAll(g, at(outputs, 1)));
    expect(() => differentiate(g, loss, [x])).toThrow(/BatchNormalizationTraining.*only its first output/);
  });

  test('a loss that is not a scalar is refused with its shape', () => {
    const g = new Graph();
    const x = g.input('x', 'float32', [2, 3]);
    expect(() => differentiate(g, reduceSum(g, x, [0]), [x])).toThrow(/scalar, not \[3\]/);
  });

  test('a slice with steps is refused', () => {
    const g = new Graph();
    const x = vector(g, 'x', 6);
    const every = g.op('Slice', [x, g.int64([0]), g.int64([6]), g.int64([0]), g.int64([2])], {});
    expect(() => differentiate(g, sumAll(g, every), [x])).toThrow(/slice with steps/);
  });
});
