import type { Graph } from '../graph/graph.js';
import type { Value } from '../graph/node.js';
import { add, gather, reshape } from '../graph/ops.js';
import { at, staticShape } from '../graph/tensor.js';

/** Of each image's rows `[N, M, columns]` those at int64 `[N, ...]`: `[N, ..., columns]`. */
export function rowsAt(g: Graph, rows: Value, indices: Value): Value {
  const [images = 0, count = 0, columns = 0] = staticShape('the rows', rows.shape);
  if (images === 1) return gather(g, reshape(g, rows, [count, columns]), indices, 0);
  const rank = indices.shape.length;
  const offsets = g.int64(
    Array.from({ length: images }, (_, image) => image * count),
    Array.from({ length: rank }, (_, axis) => (axis === 0 ? images : 1)),
  );
  return gather(g, reshape(g, rows, [images * count, columns]), add(g, indices, offsets), 0);
}

/** For each of the rows of `[N, M, ...]`, flattened to `[N * M]`, the index of its image: int64. */
export function imageOfEachRow(g: Graph, rows: Value): Value {
  const shape = staticShape('the rows', rows.shape);
  const [images, count] = [at(shape, 0), at(shape, 1)];
  return g.int64(Array.from({ length: images * count }, (_, row) => Math.floor(row / count)));
}
