import type { OperatorName } from '../operators.js';
import type { ValueType } from '../node.js';
import { at, staticShape } from '../tensor.js';
import type { ShapeRule, ShapeRules } from './shape-rule.js';

const nonMaxSuppression: ShapeRule<'NonMaxSuppression'> = ({ dynamic }) => [
  { dataType: 'int64', shape: [dynamic('selected'), 3] },
];

const roiAlign: ShapeRule<'RoiAlign'> = ({ input, attributes }) => {
  const [features, regions, images] = [input(0), input(1), input(2)];
  if (features.shape.length !== 4) throw new RangeError('the features need four axes');
  checkRegions(regions, images);
  const { output_height: height, output_width: width } = attributes;
  return [{ dataType: features.dataType, shape: [at(regions.shape, 0), at(features.shape, 1), height, width] }];
};

const multiScaleRoiAlign: ShapeRule<'MultiScaleRoiAlign'> = ({ inputs, input, attributes }) => {
  const [regions, images, levels] = [input(0), input(1), input(2)];
  checkRegions(regions, images);
  checkRegions(regions, levels);
  const maps = inputs.slice(3).map((_, index) => input(index + 3));
  if (maps.length !== attributes.spatialScales.length) {
    throw new RangeError(`${maps.length} maps do not fit ${attributes.spatialScales.length} scales`);
  }
  const channels = new Set(maps.map((map) => at(map.shape, 1)));
  const [count] = channels;
  if (channels.size !== 1 || count === undefined) throw new RangeError('the maps differ in their number of channels');
  return [{ dataType: 'float32', shape: [at(regions.shape, 0), count, ...attributes.outputSize] }];
};

const roiAlignGradient: ShapeRule<'RoiAlignGradient'> = ({ input, attributes }) => {
  const [dy, regions, images, levels] = [input(0), input(1), input(2), input(3)];
  checkRegions(regions, images);
  checkRegions(regions, levels);
  const [count, channels] = staticShape('dy', dy.shape);
  if (channels === undefined || count !== at(regions.shape, 0)) throw new RangeError('dy must have a grid a region');
  return attributes.mapSizes.map(([imageCount, height, width]): ValueType => ({
    dataType: dy.dataType,
    shape: [imageCount, channels, height, width],
  }));
};

/** Regions `[K, 4]` with something for each of them `[K]`. */
function checkRegions(regions: ValueType, perRegion: ValueType): void {
  if (regions.shape.length !== 2 || at(regions.shape, 1) !== 4) throw new RangeError('regions must be [K, 4]');
  if (perRegion.shape.length !== 1 || perRegion.shape[0] !== regions.shape[0] || perRegion.dataType !== 'int64') {
    throw new RangeError('each region needs the index of one image, and of one map where there are several');
  }
}

/** Operators of boxes. */
export const boxShapeRules = {
  MultiScaleRoiAlign: multiScaleRoiAlign,
  NonMaxSuppression: nonMaxSuppression,
  RoiAlign: roiAlign,
  RoiAlignGradient: roiAlignGradient,
} satisfies Partial<ShapeRules<OperatorName>>;
