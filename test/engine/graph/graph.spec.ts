import { Graph } from '../../../src/engine/graph/graph.js';
import { add, exp, relu, zeros } from '../../../src/engine/graph/ops.js';
import { numbersOf } from '../../../src/engine/graph/tensor.js';
import { printGraph } from '../../../src/engine/graph/print-graph.js';
import { buildTrainingGraph } from '../../../src/engine/training/training-graph.js';
import { execute } from '../support/execute.js';
import { architectureNamed, architectures } from '../../../src/engine/zoo/catalogue.js';

describe('names', () => {
  test('come from phase, module and operator, numbered where they repeat', () => {
    const g = new Graph();
    const x = g.input('x', 'float32', [2]);
    g.within('backbone', () => g.within('layer1.0', () => relu(g, exp(g, exp(g, x)))));
    g.during('backward', 'head', () => exp(g, x));
    exp(g, x);
    expect(g.nodes.map(({ name }) => name)).toEqual([
      'forward/backbone.layer1.0/Exp',
      'forward/backbone.layer1.0/Exp_2',
      'forward/backbone.layer1.0/Relu',
      'backward/head/Exp',
      'forward/Exp',
    ]);
  });

  test('of nodes carry their phase and module', () => {
    const g = new Graph();
    const x = g.input('x', 'float32', [2]);
    g.within('backbone', () => g.during('optimizer', 'head.bias', () => exp(g, x)));
    g.within('backbone', () => exp(g, x));
    expect(g.nodes.map(({ phase, scope }) => [phase, scope])).toEqual([
      ['optimizer', 'head.bias'],
      ['forward', 'backbone'],
    ]);
  });

  test('of further outputs follow the first', () => {
    const g = new Graph();
    const x = g.input('x', 'float32', [4]);
    const outputs = g.ops('TopK', [x, g.int64([2])], { axis: 0, largest: 1, sorted: 1 });
    expect(outputs.map(({ name }) => name)).toEqual(['forward/TopK', 'forward/TopK:1']);
  });

  test('of inputs that are given twice stay different', () => {
    const g = new Graph();
    expect([g.input('x', 'float32', [1]).name, g.input('x', 'float32', [1]).name]).toEqual(['x', 'x_2']);
  });

  test('of inputs that become results of nodes stay, and those nodes come first', async () => {
    const g = new Graph();
    const [a, b] = [g.input('a', 'float32', [1]), g.input('b', 'float32', [2])];
    const sum = add(g, a, b);
    g.computeInputs([a, b], () =>
      g.ops('Split', [g.input('both', 'float32', [3]), g.int64([1, 2])], { axis: 0, $parts: 2 }),
    );
    expect(g.inputs.map(({ name }) => name)).toEqual(['both']);
    expect(g.nodes.map(({ outputs }) => outputs.map(({ name }) => name))).toEqual([['a', 'b'], [sum.name]]);
    const [both] = g.inputs;
    if (!both) throw new Error('there is one input');
    const [found] = await execute(g, [sum], new Map([[both, Float32Array.of(1, 10, 20)]]));
    expect([...(found ?? [])]).toEqual([11, 21]);
  });

  test('the module is left when building fails', () => {
    const g = new Graph();
    const x = g.input('x', 'float32', [2]);
    const failing = (): never => {
      throw new Error('no');
    };
    expect(() => g.within('a', failing)).toThrow('no');
    expect(() => g.during('backward', 'b', failing)).toThrow('no');
    expect(exp(g, x).name).toBe('forward/Exp');
  });

  test('of a whole training step are the same each time, and none occurs twice', () => {
    const build = (): Graph => {
      const [description] = architectures.values();
      if (!description) throw new Error('the catalogue is empty');
      const shape = { batchSize: 2, imageSize: [320, 320], objectsPerImage: 3 } as const;
      return buildTrainingGraph(architectureNamed(description.name), description.defaults, shape).graph;
    };
    const [first, second] = [build(), build()];
    expect(printGraph(first) === printGraph(second)).toBe(true);
    const names = [...first.inputs, ...first.constants.keys(), ...first.nodes.flatMap(({ outputs }) => outputs)].map(
      ({ name }) => name,
    );
    expect(new Set(names).size).toBe(names.length);
  });
});

describe('constants', () => {
  test('that are small and equal are one', () => {
    const g = new Graph();
    expect(g.scalar(1)).toBe(g.scalar(1));
    expect(g.int64([1, 2])).toBe(g.int64([1, 2]));
    expect(g.constants.size).toBe(2);
  });

  test('of another type, shape or content are others', () => {
    const g = new Graph();
    const all = [g.scalar(1), g.scalar(2), g.float32([1]), g.float32([1], [1, 1]), g.int64([1]), g.int64([1], [])];
    expect(new Set(all).size).toBe(all.length);
  });

  test('that are large stay apart: comparing them costs more than keeping them', () => {
    const g = new Graph();
    const large = (): Float32Array => new Float32Array(17);
    expect(g.constant('float32', [17], large())).not.toBe(g.constant('float32', [17], large()));
  });

  test('that are deferred are made when they are asked for; small ones are one with equal others', () => {
    const g = new Graph();
    const make = jest.fn(() => new Float32Array(17));
    const large = g.deferredConstant('float32', [17], make);
    expect(make).not.toHaveBeenCalled();
    expect(g.constants.get(large)?.data).toHaveLength(17);
    expect(g.deferredConstant('float32', [2], () => Float32Array.of(1, 2))).toBe(g.float32([1, 2]));
  });

  test('of int64 hold whole numbers alone, and no -0', () => {
    const g = new Graph();
    expect(() => g.int64([1.5])).toThrow('an int64 constant cannot hold 1.5');
    const constant = g.constants.get(g.int64([-0, 3]));
    expect(constant && numbersOf(constant)).toEqual([0, 3]);
    expect(constant?.data).toEqual(BigInt64Array.of(0n, 3n));
  });

  test('must fill their shape', () => {
    expect(() => new Graph().float32([1, 2, 3], [2, 2])).toThrow('shape [2, 2] cannot hold 3 elements');
  });

  test('are no nodes, and a fill stores a single number', () => {
    const g = new Graph();
    add(g, zeros(g, [1000, 1000]), g.scalar(1));
    const stored = [...g.constants.values()].reduce((sum, { data }) => sum + data.length, 0);
    expect(stored).toBe(2 + 2);
    expect(g.nodes.map(({ operator }) => operator)).toEqual(['Expand', 'Add']);
  });
});
