import type { Graph } from '../graph/graph.js';
import type { Value } from '../graph/node.js';
import { concat, reshape, transpose } from '../graph/ops.js';
import { staticShape } from '../graph/tensor.js';

/** `[N, perPosition * columns, H, W]` to `[N, H * W * perPosition, columns]`. */
export function perBox(g: Graph, x: Value, columns: number): Value {
  const [images = 0, channels = 0, height = 0, width = 0] = staticShape(x.name, x.shape);
  // With the positions as one axis the runtime transposes matrices, which takes it a third of the time.
  const byPosition = transpose(g, reshape(g, x, [images, channels, height * width]), [0, 2, 1]);
  return reshape(g, byPosition, [images, -1, columns]);
}

/** A head's outputs for all feature maps, one row a box. */
export function joinMaps(g: Graph, maps: readonly Value[], columns: number): Value {
  return concat(
    g,
    maps.map((map) => perBox(g, map, columns)),
    1,
  );
}
