import type { Graph } from '../graph/graph.js';
import type { Value } from '../graph/node.js';
import { concat, conv, reshape, slice } from '../graph/ops.js';
import type { ConvAttributes, Operators } from '../graph/operators.js';
import { channelsFirst, cutOut, sizes4 } from './maps.js';
import { dilatedOverlaps, overlapsWeightGradient } from './overlaps.js';
import { pointwiseWeightGradient } from './pointwise.js';
import { sumOverImages } from './sum-over-images.js';

/** Positions of a map from which on stretches are faster than rows (bench/README.md). */
const MANY_POSITIONS = 4096;
/** Inputs of a position (channels times taps) up to which laying them out is cheaper than going tap by tap. */
const FEW_INPUTS = 64;
/** Positions for each output channel up to which products of matrices cost more in copies and sums than they save. */
const FEW_POSITIONS = 4;
/** Share of a dilated convolution's products with the map below which the others are worth leaving out. */
const FEW_PRODUCTS = 0.8;

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
 * The same without cutting columns out of rows: in the padded input, laid out as one row after the other, the input that a
 * tap saw is a single stretch, when dy gets rows as long, with zeros at their ends. Copying it is faster, and so are the
 * products; it pays on large maps.
 */
function stretchedWeightGradient(g: Graph, x: Value, dy: Value, attributes: Operators['ConvWeightGradient']): Value {
  const { group, kernelSize, pads, dilations } = attributes;
  const [images, inChannels, height, width] = sizes4(x);
  const [, outChannels, outHeight, outWidth] = sizes4(dy);
  const rowLength = width + pads[1] + pads[3];
  const length = outHeight * rowLength;
  const pad = (value: Value, [top, left, bottom, right]: ConvAttributes['pads']): Value =>
    g.op('Pad', [value, g.int64([0, 0, top, left, 0, 0, bottom, right])], { mode: 'constant' });
  // One row more than is padded: the last stretches begin inside a row and end as far inside another.
  const padded = pad(x, [pads[0], pads[1], pads[2] + 1, pads[3]]);
  const stretches = reshape(g, padded, [
    images,
    group,
    inChannels / group,
    (height + pads[0] + pads[2] + 1) * rowLength,
  ]);
  const rows = reshape(g, pad(dy, [0, 0, 0, rowLength - outWidth]), [images, group, outChannels / group, length]);
  const products: Value[] = [];
  for (let row = 0; row < kernelSize[0]; row++) {
    for (let column = 0; column < kernelSize[1]; column++) {
      const start = row * dilations[0] * rowLength + column * dilations[1];
      const seen = slice(g, stretches, 3, start, start + length);
      const product = g.op('FusedMatMul', [rows, seen], { transA: 0, transB: 1, alpha: 1 });
      products.push(sumOverImages(g, product, [outChannels, inChannels / group, 1]));
    }
  }
  return reshape(g, concat(g, products, 2), [outChannels, inChannels / group, ...kernelSize]);
}

/**
 * dweight of a convolution with few inputs a position, such as the first of a network: the inputs of all taps are laid
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
 */
function volumeWeightGradient(g: Graph, x: Value, dy: Value, attributes: Operators['ConvWeightGradient']): Value {
  const { kernelSize, strides, pads, dilations } = attributes;
  const [images, inChannels, height, width] = sizes4(x);
  const [, outChannels, outHeight, outWidth] = sizes4(dy);
  // What is left of the padding behind each axis so that there are as many results as taps; below 0: rows that no tap saw.
  const behind = (axis: 0 | 1, size: number, out: number): number =>
    dilations[axis] * (kernelSize[axis] - 1) + strides[axis] * (out - 1) + 1 - size - pads[axis];
  const [bottom, right] = [behind(0, height, outHeight), behind(1, width, outWidth)];
  const [seenHeight, seenWidth] = [height + Math.min(bottom, 0), width + Math.min(right, 0)];
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

/** dweight of a convolution that is neither pointwise nor depthwise, by the fastest way for its shape (bench/README.md). */
export function denseWeightGradient(g: Graph, x: Value, dy: Value, attributes: Operators['ConvWeightGradient']): Value {
  const { group, kernelSize, strides, pads } = attributes;
  const [, inChannels, height, width] = sizes4(x);
  const [, outChannels, outHeight, outWidth] = sizes4(dy);
  const positions = outHeight * outWidth;
  const isStrided = strides.some((stride) => stride > 1);
  if (group === 1) {
    if (kernelSize[0] * kernelSize[1] === 1 && pads.every((size) => size === 0)) {
      // Of a 1x1 convolution with strides: the positions that it sees.
      return pointwiseWeightGradient(g, cutOut(g, x, [0, height], [0, width], strides), dy);
    }
    if (inChannels * kernelSize[0] * kernelSize[1] <= FEW_INPUTS) return fewInputsWeightGradient(g, x, dy, attributes);
    const overlaps = dilatedOverlaps([height, width], [outHeight, outWidth], kernelSize, attributes);
    if (overlaps && overlaps.share <= FEW_PRODUCTS) return overlapsWeightGradient(g, x, dy, kernelSize, overlaps);
    if (isStrided || overlaps || positions < FEW_POSITIONS * outChannels) {
      return volumeWeightGradient(g, x, dy, attributes);
    }
  }
  return positions >= MANY_POSITIONS && !isStrided
    ? stretchedWeightGradient(g, x, dy, attributes)
    : tapWeightGradient(g, x, dy, attributes);
}
