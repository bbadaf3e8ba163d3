import type { Graph } from '../../../graph/graph.js';
import type { Value } from '../../../graph/node.js';
import { reshape } from '../../../graph/ops.js';
import { at } from '../../../graph/tensor.js';
import { multiScaleRoiAlign } from '../../../nn/roi-align.js';
import { imageOfEachRow } from '../../../nn/rows.js';
import type { TransformedSizes } from '../resize-transform.js';

/** Maps of the pyramid that regions are read from, with the share of the image's coordinates that theirs are. */
export interface RegionMaps {
  readonly maps: readonly Value[];
  readonly spatialScales: readonly number[];
}

/**
 * The maps that regions are read from: all but the last, and, since a map is chosen by its scale, the first alone of those
 * that share one. The scale is the power of 2 that suits the heights best.
 */
export function regionMapsOf(maps: readonly Value[], { resized }: TransformedSizes): RegionMaps {
  const scales = maps.slice(0, -1).map(({ shape }) => 2 ** Math.round(Math.log2(Number(at(shape, 2)) / resized[0])));
  const isFirst = (_: unknown, index: number): boolean => index === 0 || scales[index] !== scales[index - 1];
  return { maps: maps.slice(0, -1).filter(isFirst), spatialScales: scales.filter(isFirst) };
}

/** Features of each region on a square grid: `[N * regions, C, side, side]`. @param boxes `[N, regions, 4]` */
export function regionFeatures(g: Graph, { maps, spatialScales }: RegionMaps, boxes: Value, side: number): Value {
  const regions = reshape(g, boxes, [-1, 4]);
  return multiScaleRoiAlign(g, maps, spatialScales, regions, imageOfEachRow(g, boxes), {
    outputSize: [side, side],
    samplingRatio: 2,
    canonicalScale: 224,
    canonicalLevel: 4,
  });
}
