import { multiplyAccumulates } from '../../../src/engine/graph/costs.js';
import { Graph } from '../../../src/engine/graph/graph.js';
import { conv, matMul, relu } from '../../../src/engine/graph/ops.js';

const WINDOW = { strides: [2, 2], pads: [1, 1, 1, 1], dilations: [1, 1] } as const;

describe('multiply-accumulates', () => {
  test('of a convolution are its results times the taps and channels that each sees; groups see fewer', () => {
    const g = new Graph();
    const x = g.input('x', 'float32', [2, 8, 10, 12]);
    conv(g, x, g.input('w', 'float32', [16, 2, 3, 3]), g.input('b', 'float32', [16]), { ...WINDOW, group: 4 });
    expect(multiplyAccumulates(g)).toBe(2 * 16 * 5 * 6 * (2 * 3 * 3));
  });

  test('of a transposed convolution are its operands times the results that each reaches', () => {
    const g = new Graph();
    const x = g.input('x', 'float32', [2, 8, 5, 6]);
    g.op('ConvTranspose', [x, g.input('w', 'float32', [8, 4, 2, 2])], {
      ...WINDOW,
      pads: [0, 0, 0, 0],
      group: 1,
      output_padding: [0, 0],
    });
    expect(multiplyAccumulates(g)).toBe(2 * 8 * 5 * 6 * (4 * 2 * 2));
  });

  test('of matrix products are their results times the inner size, transposed or not', () => {
    const g = new Graph();
    matMul(g, g.input('a', 'float32', [3, 4, 5]), g.input('b', 'float32', [5, 7]));
    expect(multiplyAccumulates(g)).toBe(3 * 4 * 7 * 5);
    g.op('FusedMatMul', [g.input('c', 'float32', [5, 4]), g.input('d', 'float32', [5, 7])], {
      transA: 1,
      transB: 0,
      alpha: 1,
    });
    expect(multiplyAccumulates(g)).toBe(3 * 4 * 7 * 5 + 4 * 7 * 5);
  });

  test('leave out products with constants, which belong to no layer', () => {
    const g = new Graph();
    matMul(g, g.input('a', 'float32', [4, 5]), g.float32([1, 2, 3, 4, 5], [5, 1]));
    expect(multiplyAccumulates(g)).toBe(0);
  });

  test('leave out other operators and other phases', () => {
    const g = new Graph();
    const a = g.input('a', 'float32', [4, 5]);
    relu(g, a);
    g.during('backward', '', () => matMul(g, a, g.input('b', 'float32', [5, 7])));
    expect(multiplyAccumulates(g)).toBe(0);
  });
});
