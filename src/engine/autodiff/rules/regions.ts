import type { OperatorName } from '../../graph/operators.js';
import type { Graph } from '../../graph/graph.js';
import type { Value } from '../../graph/node.js';
import { expand } from '../../graph/ops.js';
import { at, staticShape } from '../../graph/tensor.js';
import type { GradientRules } from '../gradient-rule.js';
import { UNSUPPORTED } from '../gradient-rule.js';

/** Images, height and width of a map `[N, C, H, W]`. */
function mapSize(map: Value): readonly [number, number, number] {
  const shape = staticShape(map.name, map.shape);
  return [at(shape, 0), at(shape, 2), at(shape, 3)];
}

/** @throws RangeError for samples whose number follows from a region's size: what learns takes a fixed number. */
function fixedRatio(samplingRatio: number): number {
  if (samplingRatio < 1) throw new RangeError('RoiAlign with samples by the size of the region has no gradient here');
  return samplingRatio;
}

/** All regions on the first map. */
function firstLevel(g: Graph, regions: Value): Value {
  return expand(g, g.int64([0], []), [at(staticShape('the regions', regions.shape), 0)]);
}

/**
 * A cell is the mean of samples, a sample the sum of four neighbours by their bilinear weights: each neighbour's gradient
 * is the sum of weight * dy / samples over all samples that read it. Regions have none, as in torchvision.
 */
export const regionRules = {
  MultiScaleRoiAlign: ({ g, dy, node, input, attributes: { spatialScales, samplingRatio } }) => {
    const maps = node.inputs.slice(3).map((_, index) => input(index + 3));
    let built: readonly Value[] | null = null;
    const gradient = (index: number) => (): Value => {
      built ??= g.ops('RoiAlignGradient', [dy, input(0), input(1), input(2)], {
        spatialScales,
        samplingRatio: fixedRatio(samplingRatio),
        mapSizes: maps.map(mapSize),
      });
      return at(built, index);
    };
    return [null, null, null, ...maps.map((_, index) => gradient(index))];
  },
  RoiAlign: ({ g, dy, input, attributes: { sampling_ratio: samplingRatio, spatial_scale: spatialScale } }) => [
    () =>
      g.op('RoiAlignGradient', [dy, input(1), input(2), firstLevel(g, input(1))], {
        spatialScales: [spatialScale],
        samplingRatio: fixedRatio(samplingRatio),
        mapSizes: [mapSize(input(0))],
      }),
    null,
    null,
  ],
  RoiAlignGradient: UNSUPPORTED,
} satisfies Partial<GradientRules<OperatorName>>;
