import { Graph } from '../../../src/engine/graph/graph.js';
import { l2Normalize } from '../../../src/engine/nn/l2-normalize.js';
import { execute } from '../support/execute.js';

test('positions get the length 1 over their channels; tiny ones, and zeros, are divided by 1e-12 as in torch', async () => {
  const g = new Graph();
  const x = g.float32([3, 0, 1e-3, 1e-15, 4, 0, 0, 0], [1, 2, 1, 4]);
  const [normalized] = await execute(g, [l2Normalize(g, x)]);
  const expected = [0.6, 0, 1, 1e-3, 0.8, 0, 0, 0];
  expect(normalized).toHaveLength(expected.length);
  expected.forEach((value, index) => {
    expect(normalized?.[index]).toBeCloseTo(value, 6);
  });
});
