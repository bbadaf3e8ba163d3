import { fusedConvolutions } from '../../../src/engine/costs/fused-convolutions.js';
import { Graph } from '../../../src/engine/graph/graph.js';
import type { Value } from '../../../src/engine/graph/node.js';
import { add, conv, hardSigmoid, mul, relu } from '../../../src/engine/graph/ops.js';

const WINDOW = { strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1], group: 1 } as const;

function network(channels = 16) {
  const g = new Graph();
  const x = g.input('x', 'float32', [1, channels, 8, 8]);
  const weight = g.input('weight', 'float32', [channels, channels, 1, 1]);
  const convolved = (input: Value): Value => conv(g, input, weight, null, WINDOW);
  return { g, x, convolved };
}

const operatorsOf = (g: Graph, output: Value) =>
  fusedConvolutions(g.nodes, new Set([output])).map(({ operator }) => operator);

describe('fused convolutions', () => {
  test('take in the activation behind them', () => {
    const { g, x, convolved } = network();
    expect(operatorsOf(g, relu(g, convolved(x)))).toEqual(['NchwcConv']);
  });

  test('take in a sum, which then is an operand, and the activation of the sum', () => {
    const { g, x, convolved } = network();
    const result = relu(g, add(g, convolved(x), x));
    const [node] = fusedConvolutions(g.nodes, new Set([result]));
    expect(node?.inputs[3]).toBe(x);
    expect(node?.outputs).toEqual([result]);
    expect(operatorsOf(g, result)).toHaveLength(1);
  });

  test('take in x * hard sigmoid(x)', () => {
    const { g, x, convolved } = network();
    const y = convolved(x);
    expect(operatorsOf(g, mul(g, y, hardSigmoid(g, y)))).toEqual(['NchwcConv']);
  });

  test('take in nothing that somebody else reads, nor anything behind a result of the run', () => {
    const { g, x, convolved } = network();
    const y = convolved(x);
    expect(operatorsOf(g, add(g, relu(g, y), y))).toEqual(['NchwcConv', 'Relu', 'Add']);
    expect(fusedConvolutions(g.nodes, new Set([y])).map(({ operator }) => operator)).toContain('Relu');
  });

  test('have whole blocks of channels, but for what is given out', () => {
    const { g, x, convolved } = network(20);
    const result = convolved(convolved(x));
    const [first, second] = fusedConvolutions(g.nodes, new Set([result]));
    expect(first?.outputs[0]?.shape).toEqual([1, 32, 8, 8]);
    expect(second?.inputs[0]).toBe(first?.outputs[0]);
    expect(second?.outputs[0]?.shape).toEqual([1, 20, 8, 8]);
  });
});
