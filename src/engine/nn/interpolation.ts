import type { Graph } from '../graph/graph.js';
import type { Value } from '../graph/node.js';
import { at, staticShape } from '../graph/tensor.js';

/** `[height, width]` of a map `[N, C, H, W]`. */
export function spatialSizeOf(map: Value): readonly [number, number] {
  const shape = staticShape(map.name, map.shape);
  return [at(shape, 2), at(shape, 3)];
}

/** torch's `interpolate(mode="bilinear", align_corners=False)` of a map, with a gradient. */
export function interpolateBilinear(g: Graph, map: Value, size: readonly [number, number]): Value {
  const [height, width] = spatialSizeOf(map);
  return height === size[0] && width === size[1] ? map : g.op('InterpolateBilinear', [map], { outputSize: size });
}
