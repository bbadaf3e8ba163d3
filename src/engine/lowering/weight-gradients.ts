import type { Graph } from '../graph/graph.js';
import type { Value } from '../graph/node.js';
import { concat, conv, reshape, transpose, zeros } from '../graph/ops.js';
import type { ConvAttributes, Operators } from '../graph/operators.js';
import { channelsFirst, cutOut, sizes4 } from './maps.js';
import { dilatedOverlaps, overlapsWeightGradient } from './overlaps.js';
import { pointwiseWeightGradient } from './pointwise.js';
import { sumOverImages } from './sum-over-images.js';

/** Positions of a map from which on the zeros between its rows cost less than a copy for each tap (bench/README.md). */
const SHIFTED_POSITIONS = 3000;
/** Inputs of a position (channels times taps) up to which laying them out is cheaper than going tap by tap. */
const LAID_OUT_INPUTS = 64;
/** Positions for each output channel up to which products of matrices cost more in copies and sums than they save. */
const VOLUME_POSITIONS = 2;
/** Share of a dilated convolution's products with the map below which the others are worth leaving out. */
const OVERLAPPING_SHARE = 0.8;

/** The input that each tap of the kernel saw, `[N, C, Ho, Wo]`, in order of the taps. */
function tapInputs(
  g: Graph,
  x: Value,
  [kernelHeight, kernelWidth]: readonly [number, number],
  [outHeight, outWidth]: readonly [number, number],
  { strides, pads, dilations }: ConvAttributes,
): readonly Value[] {
  const padded = pads.some((size) => size > 0)
    ? g.op('Pad', [x, g.int64([0, 0, pads[0], pads[1], 0, 0, pads[2], pads[3]])], { mode: 'constant' })
    : x;
  const taps: Value[] = [];
  for (let row = 0; row < kernelHeight; row++) {
    for (let column = 0; column < kernelWidth; column++) {
      const [top, left] = [row * dilations[0], column * dilations[1]];
      const [bottom, right] = [top + (outHeight - 1) * strides[0] + 1, left + (outWidth - 1) * strides[1] + 1];
      taps.push(cutOut(g, padded, [top, bottom], [left, right], strides));
    }
  }
  return taps;
}

/** dweight by the general form: for each tap one product, over all positions, of dy with the input that the tap saw. */
function tapWeightGradient(g: Graph, x: Value, dy: Value, attributes: Operators['ConvWeightGradient']): Value {
  const { group, kernelSize } = attributes;
  const [images, inChannels] = sizes4(x);
  const [, outChannels, outHeight, outWidth] = sizes4(dy);
  const positions = outHeight * outWidth;
  const dyRows = reshape(g, dy, [images, group, outChannels / group, positions]);
  const products = tapInputs(g, x, kernelSize, [outHeight, outWidth], attributes).map((seen) => {
    const rows = reshape(g, seen, [images, group, inChannels / group, positions]);
    const product = g.op('FusedMatMul', [dyRows, rows], { transA: 0, transB: 1, alpha: 1 });
    return sumOverImages(g, product, [outChannels, inChannels / group, 1]);
  });
  return reshape(g, concat(g, products, 2), [outChannels, inChannels / group, ...kernelSize]);
}

/**
 * The same with one product for each column of the kernel: x is shifted by columns, and dy is laid out once for each row,
 * so that there are as many copies as rows and columns, not as many as taps. Without strides and dilations.
 */
function shiftedWeightGradient(
  g: Graph,
  x: Value,
  dy: Value,
  { kernelSize, pads }: Operators['ConvWeightGradient'],
): Value {
  const [kernelHeight, kernelWidth] = kernelSize;
  const [images, inChannels, , width] = sizes4(x);
  const [, outChannels, outHeight, outWidth] = sizes4(dy);
  const positions = outHeight * outWidth;
  const seenPositions = (outHeight + kernelHeight - 1) * outWidth;
  // One dy behind the other, each a row further down in a map of the padded input's height.
  const gap = zeros(g, [images, outChannels, kernelHeight * outWidth]);
  const flat = reshape(g, dy, [images, outChannels, positions]);
  const pieces = Array.from({ length: kernelHeight }, (_, row) => (row === 0 ? [flat] : [gap, flat])).flat();
  const rows = reshape(g, concat(g, pieces, 2), [images, outChannels * kernelHeight, seenPositions]);
  const products = Array.from({ length: kernelWidth }, (_, column) => {
    // Negative padding cuts off.
    const [left, right] = [pads[1] - column, column + outWidth - width - pads[1]];
    const seen = g.op('Pad', [x, g.int64([0, 0, pads[0], left, 0, 0, pads[2], right])], { mode: 'constant' });
    const columns = reshape(g, seen, [images, inChannels, seenPositions]);
    const product = g.op('FusedMatMul', [rows, columns], { transA: 0, transB: 1, alpha: 1 });
    return sumOverImages(g, product, [1, outChannels, kernelHeight, inChannels]);
  });
  const byTap = transpose(g, concat(g, products, 0), [1, 3, 2, 0]);
  return reshape(g, byTap, [outChannels, inChannels, ...kernelSize]);
}

/**
 * dweight of a convolution with few inputs a position, such as a 3x3 one from three channels: the inputs of all taps are laid
 * out by a convolution with one-hot kernels, and multiplied with dy at once.
 */
function fewInputsWeightGradient(g: Graph, x: Value, dy: Value, attributes: Operators['ConvWeightGradient']): Value {
  const { kernelSize, ...window } = attributes;
  const [images, inChannels] = sizes4(x);
  const [, outChannels, outHeight, outWidth] = sizes4(dy);
  const taps = inChannels * kernelSize[0] * kernelSize[1];
  const oneHot = new Float32Array(taps * taps);
  for (let tap = 0; tap < taps; tap++) oneHot[tap * taps + tap] = 1;
  const kernels = g.constant('float32', [taps, inChannels, ...kernelSize], oneHot);
  const columns = reshape(g, conv(g, x, kernels, null, window), [images, taps, outHeight * outWidth]);
  const rows = reshape(g, dy, [images, outChannels, outHeight * outWidth]);
  const products = g.op('FusedMatMul', [rows, columns], { transA: 0, transB: 1, alpha: 1 });
  return sumOverImages(g, products, [outChannels, inChannels, ...kernelSize]);
}

/**
 * The same by one convolution in which dy is the kernel, its positions the taps, and the images the channels that are
 * summed over; the channels of x are a third axis, along which the kernel has one tap. Nothing is cut out or summed up
 * besides, so it is the fastest way wherever products of matrices would need copies: with strides, and on small maps.
 * Null where all that is seen of an axis is padding before it.
 */
function volumeWeightGradient(
  g: Graph,
  x: Value,
  dy: Value,
  attributes: Operators['ConvWeightGradient'],
): Value | null {
  const { kernelSize, strides, pads, dilations } = attributes;
  const [images, inChannels, height, width] = sizes4(x);
  const [, outChannels, outHeight, outWidth] = sizes4(dy);
  // What is left of the padding behind each axis so that there are as many results as taps; below 0: rows that no tap saw.
  const behind = (axis: 0 | 1, size: number, out: number): number =>
    dilations[axis] * (kernelSize[axis] - 1) + strides[axis] * (out - 1) + 1 - size - pads[axis];
  const [bottom, right] = [behind(0, height, outHeight), behind(1, width, outWidth)];
  const [seenHeight, seenWidth] = [height + Math.min(bottom, 0), width + Math.min(right, 0)];
  if (seenHeight <= 0 || seenWidth <= 0) return null;
  const volume = reshape(g, cutOut(g, x, [0, seenHeight], [0, seenWidth]), [
    1,
    images,
    inChannels,
    seenHeight,
    seenWidth,
  ]);
  const kernel = reshape(g, channelsFirst(g, dy), [outChannels, images, 1, outHeight, outWidth]);
  const products = g.op('Conv3d', [volume, kernel], {
    strides: [1, ...dilations],
    pads: [0, pads[0], pads[1], 0, Math.max(bottom, 0), Math.max(right, 0)],
    dilations: [1, ...strides],
    group: 1,
  });
  return reshape(g, products, [outChannels, inChannels, ...kernelSize]);
}

/** dweight of a convolution that is not computed as pointwise or depthwise, by the fastest way for its shape (bench/README.md). */
export function denseWeightGradient(g: Graph, x: Value, dy: Value, attributes: Operators['ConvWeightGradient']): Value {
  const { group, kernelSize, strides, pads, dilations } = attributes;
  const [, inChannels, height, width] = sizes4(x);
  const [, outChannels, outHeight, outWidth] = sizes4(dy);
  const positions = outHeight * outWidth;
  const isStrided = strides.some((stride) => stride > 1);
  if (group === 1) {
    if (kernelSize[0] * kernelSize[1] === 1 && pads.every((size) => size === 0)) {
      // Of a 1x1 convolution with strides: the positions that it sees.
      return pointwiseWeightGradient(g, cutOut(g, x, [0, height], [0, width], strides), dy);
    }
    if (inChannels * kernelSize[0] * kernelSize[1] <= LAID_OUT_INPUTS)
      return fewInputsWeightGradient(g, x, dy, attributes);
    const overlaps = dilatedOverlaps([height, width], [outHeight, outWidth], kernelSize, attributes);
    if (overlaps && overlaps.share <= OVERLAPPING_SHARE) return overlapsWeightGradient(g, x, dy, kernelSize, overlaps);
    if (isStrided || overlaps || positions < VOLUME_POSITIONS * outChannels) {
      return volumeWeightGradient(g, x, dy, attributes) ?? tapWeightGradient(g, x, dy, attributes);
    }
    if (positions >= SHIFTED_POSITIONS && dilations.every((dilation) => dilation === 1)) {
      return shiftedWeightGradient(g, x, dy, attributes);
    }
  }
  return tapWeightGradient(g, x, dy, attributes);
}
