import { allNeededProducts } from '../../../bench/needed-products.js';
import { Graph } from '../../../src/engine/graph/graph.js';
import { conv, matMul } from '../../../src/engine/graph/ops.js';

function products(side: number, pad: number, dilation: number): number {
  const g = new Graph();
  conv(g, g.input('x', 'float32', [2, 3, side, side]), g.input('w', 'float32', [4, 3, 3, 3]), null, {
    strides: [1, 1],
    pads: [pad, pad, pad, pad],
    dilations: [dilation, dilation],
    group: 1,
  });
  return allNeededProducts(g);
}

test('without padding all taps count', () => {
  expect(products(5, 0, 1)).toBe(2 * 4 * 3 * 3 * 3 * 9);
});

test('taps that see only padding do not count', () => {
  // Along an axis of 5 positions, 4 + 5 + 4 of 15 taps are inside.
  expect(products(5, 1, 1)).toBeCloseTo(2 * 4 * 3 * 13 * 13, 6);
  // Only the middle tap is.
  expect(products(5, 6, 6)).toBeCloseTo(2 * 4 * 3 * 5 * 5, 6);
});

test('pasting masks counts as nothing', () => {
  const g = new Graph();
  g.within('roi_heads', () =>
    g.within('mask_paste', () => matMul(g, g.input('a', 'float32', [8, 8]), g.input('b', 'float32', [8, 8]))),
  );
  expect(allNeededProducts(g)).toBe(0);
});
