import type { Graph } from '../graph/graph.js';
import type { Value } from '../graph/node.js';
import { concat, equal, gather, reshape, scatterElements, transpose } from '../graph/ops.js';
import { at, staticShape } from '../graph/tensor.js';
import type { LoweringRules } from './lowering-rule.js';
import { roiAlignGradient } from './roi-align-gradient.js';

/** Places at which `numbers` `[K]` is `wanted`: `[n, 1]`. */
function placesOf(g: Graph, numbers: Value, wanted: number): Value {
  return transpose(g, g.op('NonZero', [equal(g, numbers, g.int64([wanted], []))], {}), [1, 0]);
}

/** Rows of `data` at `places` `[n, 1]`. */
function rowsAt(g: Graph, data: Value, places: Value): Value {
  return g.op('GatherND', [data, places], {});
}

export const roiAlignLowerings: LoweringRules<'MultiScaleRoiAlign' | 'RoiAlignGradient'> = {
  // Map by map, as many regions as the run finds to be of it; then back into the order of the regions.
  MultiScaleRoiAlign: ({ g, input, attributes: { spatialScales, outputSize, samplingRatio } }) => {
    const [regions, images, levels] = [input(0), input(1), input(2)];
    const count = at(staticShape('the regions', regions.shape), 0);
    const places = spatialScales.map((_, level) => placesOf(g, levels, level));
    const aligned = spatialScales.map((spatialScale, level) => {
      const here = at(places, level);
      return g.op('RoiAlign', [input(3 + level), rowsAt(g, regions, here), rowsAt(g, images, here)], {
        mode: 'avg',
        coordinate_transformation_mode: 'output_half_pixel',
        output_height: outputSize[0],
        output_width: outputSize[1],
        sampling_ratio: samplingRatio,
        spatial_scale: spatialScale,
      });
    });
    const numbers = g.int64(
      Array.from({ length: count }, (_, index) => index),
      [count, 1],
    );
    const order = scatterElements(g, numbers, concat(g, places, 0), numbers, 0);
    return [gather(g, concat(g, aligned, 0), reshape(g, order, [count]), 0)];
  },
  RoiAlignGradient: roiAlignGradient,
};
