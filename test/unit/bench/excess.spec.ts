import { computedMultiplyAccumulates, excess, moduleGroup, neededMultiplyAccumulates } from '../../../bench/excess.js';
import { Graph } from '../../../src/engine/graph/graph.js';
import { matMul } from '../../../src/engine/graph/ops.js';
import type { NodeExecution } from '../../../src/engine/runtime/trace.js';

const RATE = 1000;

function node(changes: Partial<NodeExecution>): NodeExecution {
  return {
    name: 'forward/a.conv/Conv',
    phase: 'forward',
    module: 'a.conv',
    operator: 'Conv',
    startSeconds: 0,
    seconds: 1,
    allocatedBytes: 0,
    bytesInUse: 0,
    bytesHeld: 0,
    inputShapes: [],
    outputShapes: [],
    ...changes,
  };
}

/** A convolution of 500 multiply-accumulates: half a second at the machine's rate. */
const CONV = {
  inputShapes: [
    [1, 5, 4, 5],
    [5, 5, 1, 1],
  ],
  outputShapes: [[1, 5, 4, 5]],
};

describe('excess', () => {
  it('of a convolution is what it takes beyond the machine’s rate, of others all that they take', () => {
    const run = [
      node(CONV),
      node({ name: 'forward/a.bn/Relu', operator: 'Relu', seconds: 0.2 }),
      node({ name: 'backward/a.bn/Relu', phase: 'backward', operator: 'Relu', seconds: 0.8 }),
    ];
    const found = excess(run, new Map([['forward/a.conv', 500]]), RATE);
    expect(found.map(({ phase, operator, modules }) => [phase, operator, modules])).toEqual([
      ['backward', 'Relu', 'a.bn'],
      ['forward', 'Conv', 'a.conv'],
      ['forward', 'Relu', 'a.bn'],
    ]);
    expect(found.map(({ excessSeconds }) => excessSeconds)).toEqual([0.8, 0.5, 0.2]);
    expect(found.map(({ excessShare }) => excessShare)).toEqual([0.4, 0.25, 0.1]);
  });

  it('gathers nodes of a kind over layers that are alike', () => {
    const run = [node({ name: 'forward/body.0/Conv' }), node({ name: 'forward/body.1.x/Conv', seconds: 2 })];
    expect(excess(run, new Map(), RATE)).toEqual([
      { phase: 'forward', operator: 'Conv', modules: 'body', nodes: 2, seconds: 3, excessSeconds: 3, excessShare: 1 },
    ]);
  });

  it('counts products that the module does not need', () => {
    const [padded] = excess([node(CONV), node(CONV)], new Map([['forward/a.conv', 500]]), RATE);
    expect(padded).toMatchObject({ seconds: 2, excessSeconds: 1.5 });
    const [added] = excess([node({ ...CONV, name: 'forward/a.bn/Conv' })], new Map(), RATE);
    expect(added).toMatchObject({ seconds: 1, excessSeconds: 1 });
  });

  it('counts no products that the runtime took in and named after what follows', () => {
    const [fused] = excess([node({ ...CONV, name: 'forward/a.bn/BatchNormalization_nchwc' })], new Map(), RATE);
    expect(fused).toMatchObject({ modules: 'a.bn', excessSeconds: 0.5 });
  });

  it('is never negative', () => {
    const [fast] = excess([node({ ...CONV, seconds: 0.1 })], new Map([['forward/a.conv', 500]]), RATE);
    expect(fast?.excessSeconds).toBe(0);
  });
});

describe('multiply-accumulates', () => {
  it('that a graph needs, by phase and module', () => {
    const g = new Graph();
    const x = g.input('x', 'float32', [2, 3]);
    const w = g.input('w', 'float32', [3, 4]);
    g.within('fc', () => matMul(g, x, w));
    g.during('backward', 'fc', () => matMul(g, x, w));
    g.during('backward', 'fc', () => matMul(g, x, w));
    expect(neededMultiplyAccumulates(g)).toEqual(
      new Map([
        ['forward/fc', 24],
        ['backward/fc', 48],
      ]),
    );
  });

  it.each([
    [
      'Conv',
      [
        [2, 6, 8, 8],
        [4, 3, 3, 3],
      ],
      [[2, 4, 8, 8]],
      512 * 27,
    ],
    ['FusedConv', [[2, 6, 8, 8], [4, 3, 3, 3], [4]], [[2, 4, 8, 8]], 512 * 27],
    [
      'Conv',
      [
        [1, 2, 4, 8, 8],
        [4, 2, 1, 3, 3],
      ],
      [[1, 4, 4, 8, 8]],
      1024 * 18,
    ],
    [
      'ConvTranspose',
      [
        [1, 4, 5, 5],
        [4, 2, 3, 3],
      ],
      [[1, 2, 7, 7]],
      100 * 18,
    ],
    [
      'MatMul',
      [
        [2, 3, 5],
        [5, 7],
      ],
      [[2, 3, 7]],
      2 * 3 * 5 * 7,
    ],
    [
      'FusedMatMul',
      [
        [5, 3],
        [5, 7],
      ],
      [[3, 7]],
      3 * 5 * 7,
    ],
    ['FusedMatMul', [[3, 5]], [[3, 7]], 3 * 5 * 7],
    ['Gemm', [[3, 5], [5, 7], [7]], [[3, 7]], 3 * 5 * 7],
    [
      'FusedMatMul',
      [
        [0, 5],
        [5, 7],
      ],
      [[0, 7]],
      0,
    ],
    ['Relu', [[3, 5]], [[3, 5]], 0],
  ])('of an executed %s on %j', (operator, inputShapes, outputShapes, count) => {
    expect(computedMultiplyAccumulates(node({ operator, inputShapes, outputShapes }))).toBe(count);
  });
});

describe('a group of modules', () => {
  it.each([
    ['backbone.body.layer1.0.conv1', 'backbone.body.layer1'],
    ['backbone.features.0.4.block.2.fc1', 'backbone.features'],
    ['rpn', 'rpn'],
    ['', ''],
  ])('of "%s" is "%s"', (scope, group) => {
    expect(moduleGroup(scope)).toBe(group);
  });
});
