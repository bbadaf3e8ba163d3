import type { Graph } from '../graph/graph.js';
import { linearWeights } from '../graph/interpolation.js';
import type { Value } from '../graph/node.js';
import {
  add,
  and,
  cast,
  clip,
  div,
  greaterOrEqual,
  less,
  matMul,
  max,
  mul,
  reshape,
  slice,
  sub,
  transpose,
} from '../graph/ops.js';
import { at, staticShape } from '../graph/tensor.js';

/** Pixels of zeros around a mask, so that it fades out at its box. */
const PADDING = 1;

/**
 * Masks of boxes as masks of the image (torchvision's `paste_masks_in_image`): each is padded, stretched bilinearly to the
 * whole pixels that its box covers, and 0 outside.
 *
 * Both axes are interpolated by a matrix of weights: rows * mask * columns.
 *
 * @param masks square ones, `[..., side, side]`
 * @param boxes x1, y1, x2, y2 in pixels of the image, which they overlap: `[..., 4]`
 * @returns `[..., height, width]`
 */
export function pasteMasks(g: Graph, masks: Value, boxes: Value, [height, width]: readonly [number, number]): Value {
  const side = at(staticShape('the masks', masks.shape.slice(-1)), 0);
  const axis = boxes.shape.length - 1;
  const edge = (column: number): Value => slice(g, boxes, axis, column, column + 1);
  const ofRows = pixelWeights(g, edge(1), edge(3), height, side);
  const ofColumns = pixelWeights(g, edge(0), edge(2), width, side);
  const leading = ofColumns.shape.slice(0, -2).map((_, other) => other);
  const columns = transpose(g, ofColumns, [...leading, axis + 1, axis]);
  return matMul(g, matMul(g, ofRows, masks), columns);
}

/**
 * Weights of a mask's points in each pixel of the image, along one axis.
 *
 * @param begin of the boxes, `[..., 1]`
 * @returns `[..., size, side]`
 */
function pixelWeights(g: Graph, begin: Value, end: Value, size: number, side: number): Value {
  const padded = side + 2 * PADDING;
  const half = g.scalar(0.5);
  const reach = mul(g, mul(g, sub(g, end, begin), half), g.scalar(padded / side));
  const centre = mul(g, add(g, end, begin), half);
  const whole = (value: Value): Value => cast(g, cast(g, value, 'int64'), 'float32');
  const first = whole(sub(g, centre, reach));
  const covered = max(g, add(g, sub(g, whole(add(g, centre, reach)), first), g.scalar(1)), g.scalar(1));
  const distance = sub(g, g.float32(Array.from({ length: size }, (_, pixel) => pixel)), first);
  const inside = and(g, greaterOrEqual(g, distance, g.scalar(0)), less(g, distance, covered));
  // Pixel centres are at half positions, of the image as of the mask.
  const stretched = sub(g, mul(g, add(g, distance, half), div(g, g.scalar(padded), covered)), half);
  const places = sub(g, clip(g, stretched, 0, padded - 1), g.scalar(PADDING));
  const perPoint = (value: Value): Value => reshape(g, value, [...staticShape('the boxes', value.shape), 1]);
  return mul(g, linearWeights(g, perPoint(places), side), perPoint(cast(g, inside, 'float32')));
}
