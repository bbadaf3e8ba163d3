import { Graph } from '../../../src/engine/graph/graph.js';
import type { Value } from '../../../src/engine/graph/node.js';
import { concat, zeros } from '../../../src/engine/graph/ops.js';
import { at } from '../../../src/engine/graph/tensor.js';
import { batchNorm2dLayer } from '../../../src/engine/nn/layers.js';
import { Network } from '../../../src/engine/nn/network.js';
import { occupancyOf } from '../../../src/engine/nn/occupancy.js';
import { fillTensor } from '../../../src/engine/synthetic/fill.js';
import { execute } from '../support/execute.js';

const [CHANNELS, SIDE] = [3, 4];

/** A norm's output for the first `rows` rows, and what moves its running statistics, where `empty` more rows hold zeros. */
async function normalized(rows: number, empty: number): Promise<readonly number[][]> {
  const g = new Graph();
  const net = new Network(g, true);
  const shape = [rows, CHANNELS, SIDE, SIDE];
  // Means far from 0, so that zeros would move every statistic.
  const numbers = fillTensor('x', shape, 0).map((value) => value + 0.5);
  const x = g.constant('float32', shape, numbers);
  const all = empty === 0 ? x : concat(g, [x, zeros(g, [empty, CHANNELS, SIDE, SIDE])], 0);
  const mask = Array.from({ length: rows + empty }, (_, row) => (row < rows ? 1 : 0));
  const occupancy = empty === 0 ? null : occupancyOf(g, g.float32(mask));
  const y = batchNorm2dLayer(net, CHANNELS, { epsilon: 1e-5, momentum: 0.1 }, true, occupancy)(all);
  const state = new Map<Value, Float32Array>();
  for (const { name, shape: sizes, value } of net.state) if (value) state.set(value, fillTensor(name, sizes, 0));
  const [output, ...statistics] = await execute(
    g,
    [y, ...[...net.bufferUpdates.values()].map(({ fresh }) => fresh)],
    state,
  );
  return [at([output ?? []], 0).slice(0, rows * CHANNELS * SIDE * SIDE), ...statistics].map((values) => [...values]);
}

test.each([1, 5, 100])(
  'rows that are not occupied count for nothing in a norm: %d of them beside 5 others',
  async (n) => {
    const [wanted, found] = [await normalized(5, 0), await normalized(5, n)];
    wanted.forEach((values, index) => {
      const errors = values.map((value, i) => Math.abs(value - (found[index]?.[i] ?? NaN)));
      expect(Math.max(...errors)).toBeLessThan(1e-4);
    });
  },
);
