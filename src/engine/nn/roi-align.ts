import type { Graph } from '../graph/graph.js';
import type { Value } from '../graph/node.js';
import { add, cast, greaterOrEqual, mul, reshape, slice, sqrt, sub } from '../graph/ops.js';
import { at, staticShape } from '../graph/tensor.js';

export interface RoiAlignOptions {
  /** Height and width of the grid of cells that each region is divided into. */
  readonly outputSize: readonly [number, number];
  /** Samples along each side of a cell; 0: as many as the cell has pixels, rounded up, and no gradient. */
  readonly samplingRatio: number;
}

/** Which map of a pyramid a region is read from. */
export interface LevelOptions {
  /** Side, in pixels of the image, of the smallest square region on the canonical level. */
  readonly canonicalScale: number;
  /** Number of the canonical level: a map's number is minus the binary logarithm of its spatial scale. */
  readonly canonicalLevel: number;
}

/** Lets regions that are a rounding error too small count as large enough, as torchvision's LevelMapper does. */
const LEVEL_TOLERANCE = 1e-6;

/**
 * RoIAlign (He et al. 2017, section 3; torchvision's `roi_align` with aligned=False): each cell of a grid over a region is
 * the mean of bilinear samples of the features. Differentiable by the features.
 *
 * @param features `[N, C, H, W]`
 * @param rois x1, y1, x2, y2 in pixels of the image: float32 `[K, 4]`
 * @param images index of each region's image: int64 `[K]`
 * @param options spatialScale: share of the image's coordinates that the features' are
 * @returns `[K, C, height, width]`
 */
export function roiAlign(
  g: Graph,
  features: Value,
  rois: Value,
  images: Value,
  { outputSize, samplingRatio, spatialScale }: RoiAlignOptions & { readonly spatialScale: number },
): Value {
  return g.op('RoiAlign', [features, rois, images], {
    mode: 'avg',
    coordinate_transformation_mode: 'output_half_pixel',
    output_height: outputSize[0],
    output_width: outputSize[1],
    sampling_ratio: samplingRatio,
    spatial_scale: spatialScale,
  });
}

/**
 * RoIAlign of each region on the one map of a feature pyramid that suits its size (Lin et al. 2017, section 4.2;
 * torchvision's MultiScaleRoIAlign). Differentiable by the maps.
 *
 * @param maps `[N, C, H, W]` each, from fine to coarse
 * @param spatialScales share of the image's coordinates that each map's are: powers of 2, each half the one before
 * @param rois as of roiAlign
 * @returns `[K, C, height, width]`, in the order of the regions
 */
export function multiScaleRoiAlign(
  g: Graph,
  maps: readonly Value[],
  spatialScales: readonly number[],
  rois: Value,
  images: Value,
  { outputSize, samplingRatio, ...levelOptions }: RoiAlignOptions & LevelOptions,
): Value {
  if (maps.length === 1) {
    return roiAlign(g, at(maps, 0), rois, images, { outputSize, samplingRatio, spatialScale: at(spatialScales, 0) });
  }
  const levels = roiLevels(g, rois, spatialScales, levelOptions);
  return g.op('MultiScaleRoiAlign', [rois, images, levels, ...maps], { outputSize, samplingRatio, spatialScales });
}

/** Index of each region's map: int64 `[K]`. A side twice as long is one level higher. */
function roiLevels(
  g: Graph,
  rois: Value,
  spatialScales: readonly number[],
  { canonicalScale, canonicalLevel }: LevelOptions,
): Value {
  const count = at(staticShape('the regions', rois.shape), 0);
  const lowest = Math.round(-Math.log2(at(spatialScales, 0)));
  const extents = sub(g, slice(g, rois, 1, 2, 4), slice(g, rois, 1, 0, 2));
  const side = sqrt(g, reshape(g, mul(g, slice(g, extents, 1, 0, 1), slice(g, extents, 1, 1, 2)), [count]));
  const smallest = (level: number): Value => g.scalar(canonicalScale * 2 ** (level - canonicalLevel - LEVEL_TOLERANCE));
  return spatialScales
    .slice(1)
    .map((_, index) => cast(g, greaterOrEqual(g, side, smallest(lowest + index + 1)), 'int64'))
    .reduce((sum, reached) => add(g, sum, reached));
}
