import type { Graph } from '../graph/graph.js';
import type { Value } from '../graph/node.js';
import { reshape, transpose } from '../graph/ops.js';
import { at, staticShape } from '../graph/tensor.js';

/** Sizes of a tensor with four axes. */
export function sizes4(value: Value): readonly [number, number, number, number] {
  const shape = staticShape(value.name, value.shape);
  return [at(shape, 0), at(shape, 1), at(shape, 2), at(shape, 3)];
}

/** `[N, C, H, W]` as `[C, N, H, W]`. */
export function channelsFirst(g: Graph, x: Value): Value {
  const [images, channels, height, width] = sizes4(x);
  if (images === 1) return reshape(g, x, [channels, 1, height, width]);
  const rows = transpose(g, reshape(g, x, [images, channels, height * width]), [1, 0, 2]);
  return reshape(g, rows, [channels, images, height, width]);
}

/** First index, and the one behind the last. */
export type Range = readonly [number, number];

/** Rows and columns of `[N, C, H, W]`, with steps. */
export function cutOut(g: Graph, x: Value, rows: Range, columns: Range, steps: Range = [1, 1]): Value {
  const [, , height, width] = sizes4(x);
  const isWhole = rows[0] === 0 && columns[0] === 0 && rows[1] === height && columns[1] === width;
  if (isWhole && steps[0] * steps[1] === 1) return x;
  const [starts, ends] = [
    [rows[0], columns[0]],
    [rows[1], columns[1]],
  ];
  return g.op('Slice', [x, g.int64(starts), g.int64(ends), g.int64([2, 3]), g.int64([...steps])], {});
}
