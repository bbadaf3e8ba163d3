import type { Graph } from '../graph/graph.js';
import type { Value } from '../graph/node.js';
import { add, concat, reshape, slice, transpose, zeros } from '../graph/ops.js';
import type { ConvAttributes } from '../graph/operators.js';
import { staticShape } from '../graph/tensor.js';
import type { Range } from './maps.js';
import { channelsFirst, cutOut, sizes4 } from './maps.js';

/**
 * Convolutions whose dilation is not small beside their map: many taps see little but padding. Tap by tap, as products of
 * matrices over the positions where the tap sees the map, what would be multiplied by zeros is left out.
 */

/** The positions along an axis at which a tap sees the map: in y, and in x. */
interface Overlap {
  readonly inOutput: Range;
  readonly inInput: Range;
}

export interface Overlaps {
  /** By row and by column of the kernel; null: the tap sees padding alone. */
  readonly rows: readonly (Overlap | null)[];
  readonly columns: readonly (Overlap | null)[];
  /** Share of the convolution's products that are with the map, and not with padding. */
  readonly share: number;
}

type Size = readonly [number, number];

/** Where the taps of a dilated convolution see its input; null where it has strides, groups or no dilation. */
export function dilatedOverlaps(
  inputSize: Size,
  outputSize: Size,
  kernelSize: Size,
  { strides, pads, dilations, group }: ConvAttributes,
): Overlaps | null {
  if (group !== 1 || strides.some((stride) => stride > 1) || dilations.every((dilation) => dilation === 1)) return null;
  const along = (axis: 0 | 1): readonly (Overlap | null)[] =>
    Array.from({ length: kernelSize[axis] }, (_, tap) => {
      const offset = tap * dilations[axis] - pads[axis];
      const [first, end] = [Math.max(0, -offset), Math.min(outputSize[axis], inputSize[axis] - offset)];
      return first < end ? { inOutput: [first, end], inInput: [first + offset, end + offset] } : null;
    });
  const [rows, columns] = [along(0), along(1)];
  const seen = (overlaps: readonly (Overlap | null)[], size: number): number =>
    overlaps.reduce((sum, overlap) => sum + (overlap ? lengthOf(overlap.inOutput) : 0), 0) / (size * overlaps.length);
  return { rows, columns, share: seen(rows, outputSize[0]) * seen(columns, outputSize[1]) };
}

const lengthOf = ([first, end]: Range): number => end - first;

interface TapProducts {
  readonly from: Value;
  /** Matrices of the kernel by tap, `[taps, Co, Ci]`. */
  readonly matrices: Value;
  readonly isTransposed: boolean;
  readonly channels: number;
  readonly size: Size;
  readonly source: keyof Overlap;
  readonly target: keyof Overlap;
}

/** Sum over the taps of matrix times what the tap sees in `from`, each put where it belongs in a map of `size`. */
function summedTaps(
  g: Graph,
  { rows, columns }: Overlaps,
  { from, matrices, isTransposed, channels, size, source, target }: TapProducts,
): Value {
  const [images, inChannels] = sizes4(from);
  const matrixSize = staticShape(matrices.name, matrices.shape).slice(1);
  const sum = (parts: readonly Value[]): Value | null =>
    parts.reduce<Value | null>((total, part) => (total ? add(g, total, part) : part), null);
  // Columns first, then rows of their sums, so that less is padded.
  const byRow = rows.flatMap((row, i) => {
    if (!row) return [];
    const height = lengthOf(row[source]);
    const products = columns.flatMap((column, j) => {
      if (!column) return [];
      const width = lengthOf(column[source]);
      const tap = i * columns.length + j;
      const product = g.op(
        'FusedMatMul',
        [
          reshape(g, slice(g, matrices, 0, tap, tap + 1), matrixSize),
          reshape(g, cutOut(g, from, row[source], column[source]), [images, inChannels, height * width]),
        ],
        { transA: isTransposed ? 1 : 0, transB: 0, alpha: 1 },
      );
      return [padded(g, reshape(g, product, [images, channels, height, width]), 3, column[target], size[1])];
    });
    const total = sum(products);
    return total ? [padded(g, total, 2, row[target], size[0])] : [];
  });
  return sum(byRow) ?? zeros(g, [images, channels, ...size]);
}

/** Zeros around along one axis, so that x comes to lie at `place` of `size`. */
function padded(g: Graph, x: Value, axis: 2 | 3, [first, end]: Range, size: number): Value {
  if (first === 0 && end === size) return x;
  const pads = [0, 0, 0, 0, 0, 0, 0, 0];
  pads[axis] = first;
  pads[axis + 4] = size - end;
  return g.op('Pad', [x, g.int64(pads)], { mode: 'constant' });
}

/** `[Co, Ci, kh, kw]` as `[kh kw, Co, Ci]`. */
function tapMatrices(g: Graph, weight: Value): Value {
  const [outChannels, inChannels, height, width] = sizes4(weight);
  return transpose(g, reshape(g, weight, [outChannels, inChannels, height * width]), [2, 0, 1]);
}

/** @param size `[height, width]` of y */
export function overlapsForward(g: Graph, x: Value, weight: Value, size: Size, overlaps: Overlaps): Value {
  return summedTaps(g, overlaps, {
    from: x,
    matrices: tapMatrices(g, weight),
    isTransposed: false,
    channels: sizes4(weight)[0],
    size,
    source: 'inInput',
    target: 'inOutput',
  });
}

/** @param size `[height, width]` of dx */
export function overlapsInputGradient(g: Graph, dy: Value, weight: Value, size: Size, overlaps: Overlaps): Value {
  return summedTaps(g, overlaps, {
    from: dy,
    matrices: tapMatrices(g, weight),
    isTransposed: true,
    channels: sizes4(weight)[1],
    size,
    source: 'inOutput',
    target: 'inInput',
  });
}

export function overlapsWeightGradient(
  g: Graph,
  x: Value,
  dy: Value,
  kernelSize: Size,
  { rows, columns }: Overlaps,
): Value {
  const [[images, inChannels], outChannels] = [sizes4(x), sizes4(dy)[1]];
  // One product over all images, in place of a sum of one for each.
  const [seen, arrived] = [channelsFirst(g, x), channelsFirst(g, dy)];
  const products = rows.flatMap((row) =>
    columns.map((column) => {
      if (!row || !column) return zeros(g, [outChannels, inChannels, 1]);
      const positions = images * lengthOf(row.inInput) * lengthOf(column.inInput);
      const product = g.op(
        'FusedMatMul',
        [
          reshape(g, cutOut(g, arrived, row.inOutput, column.inOutput), [outChannels, positions]),
          reshape(g, cutOut(g, seen, row.inInput, column.inInput), [inChannels, positions]),
        ],
        { transA: 0, transB: 1, alpha: 1 },
      );
      return reshape(g, product, [outChannels, inChannels, 1]);
    }),
  );
  return reshape(g, concat(g, products, 2), [outChannels, inChannels, ...kernelSize]);
}
