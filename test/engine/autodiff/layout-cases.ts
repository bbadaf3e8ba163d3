import type { Graph } from '../../../src/engine/graph/graph.js';
import type { Value } from '../../../src/engine/graph/node.js';
import {
  concat,
  expand,
  gather,
  gatherElements,
  reduceMean,
  reduceSum,
  reshape,
  slice,
  transpose,
} from '../../../src/engine/graph/ops.js';
import { linear, operand } from './gradient-case.js';

const SHAPE = [2, 3, 4];
const REDUCTIONS = [[0], [1], [-1], [0, 2], [1, -1], [0, 1, 2]];

function pad(g: Graph, x: Value, pads: readonly number[]): Value {
  return g.op('Pad', [x, g.int64(pads)], { mode: 'constant' });
}

export const layoutCases = [
  ...[0, 1, -1].map((axis) => {
    const operands = [1, 3, 2].map((size) => operand(SHAPE.map((other, at) => (at === (axis + 3) % 3 ? size : other))));
    return linear('Concat', `three operands, axis ${axis}`, operands, (g, a, b, c) => concat(g, [a, b, c], axis));
  }),
  linear('Concat', 'one operand twice', [operand(SHAPE), operand(SHAPE)], (g, a, b) => concat(g, [a, b, a], 1)),
  linear('Expand', 'axes of 1', [operand([2, 1, 4])], (g, x) => expand(g, x, [2, 3, 4])),
  linear('Expand', 'to more axes', [operand([3, 1])], (g, x) => expand(g, x, [2, 3, 4])),
  linear('Expand', 'axes of 1 in the wanted shape', [operand([3, 4])], (g, x) => expand(g, x, [2, 1, 1])),
  linear('Expand', 'a scalar', [operand([])], (g, x) => expand(g, x, [2, 3])),
  linear('Gather', 'rows, one of them twice and one never', [operand([4, 3])], (g, x) =>
    gather(g, x, g.int64([2, 0, 2, 1], [2, 2]), 0),
  ),
  linear('Gather', 'numbers', [operand([4])], (g, x) => gather(g, x, g.int64([3, 3, 1]), 0)),
  linear('GatherElements', 'each place once', [operand([2, 3])], (g, x) =>
    gatherElements(g, x, g.int64([2, 0, 1, 1, 2, 0], [2, 3]), 1),
  ),
  linear('GatherElements', 'a place several times, others never', [operand([2, 3])], (g, x) =>
    gatherElements(g, x, g.int64([1, 1, 1, 1, 0, 2, 2, 0], [2, 4]), -1),
  ),
  linear('GatherElements', 'along the first axis', [operand([3, 2])], (g, x) =>
    gatherElements(g, x, g.int64([2, 2, 0, 2, 2, 1, 1, 2], [4, 2]), 0),
  ),
  linear('Pad', 'uneven', [operand(SHAPE)], (g, x) => pad(g, x, [0, 1, 2, 3, 0, 1])),
  linear('Pad', 'by less than nothing, which cuts off', [operand(SHAPE)], (g, x) => pad(g, x, [0, -1, 2, 1, 0, -1])),
  linear('Pad', 'nothing', [operand(SHAPE)], (g, x) => pad(g, x, [0, 0, 0, 0, 0, 0])),
  ...REDUCTIONS.flatMap((axes) =>
    [true, false].flatMap((keepdims) => {
      const name = `axes ${axes.join(', ')}, ${keepdims ? 'kept as 1' : 'left out'}`;
      return [
        linear('ReduceSum', name, [operand(SHAPE)], (g, x) => reduceSum(g, x, axes, keepdims)),
        linear('ReduceMean', name, [operand(SHAPE)], (g, x) => reduceMean(g, x, axes, keepdims)),
      ];
    }),
  ),
  linear('Reshape', 'to fewer axes', [operand(SHAPE)], (g, x) => reshape(g, x, [6, -1])),
  linear('Reshape', 'from a scalar', [operand([])], (g, x) => reshape(g, x, [1, 1])),
  linear('Slice', 'from the middle', [operand(SHAPE)], (g, x) => slice(g, x, 2, 1, 3)),
  linear('Slice', 'a negative end', [operand(SHAPE)], (g, x) => slice(g, x, 2, 1, -1)),
  linear('Slice', 'a negative start', [operand(SHAPE)], (g, x) => slice(g, x, 1, -2, 3)),
  linear('Slice', 'a start before the axis', [operand(SHAPE)], (g, x) => slice(g, x, 2, -1000, 3)),
  linear('Slice', 'an end beyond the axis', [operand(SHAPE)], (g, x) => slice(g, x, 1, 1, 1000)),
  linear('Slice', 'two axes at once', [operand(SHAPE)], (g, x) =>
    g.op('Slice', [x, g.int64([1, 2]), g.int64([2, 4]), g.int64([0, 2])], {}),
  ),
  linear('Transpose', 'three axes in turn', [operand(SHAPE)], (g, x) => transpose(g, x, [1, 2, 0])),
  linear('Transpose', 'two swapped', [operand(SHAPE)], (g, x) => transpose(g, x, [0, 2, 1])),
];
