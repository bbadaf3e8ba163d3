import type { Graph } from '../graph/graph.js';
import type { Value } from '../graph/node.js';
import { concat, reshape } from '../graph/ops.js';
import type { Operators } from '../graph/operators.js';
import { backwardFilter } from './blocked-filters.js';
import { blockedConv } from './blocked.js';
import type { LoweringState } from './lowering-state.js';
import { cutOut, sizes4 } from './maps.js';

/** Rows (or columns) of a 3x3 kernel by which dy arrives at every other row of dx, first those with an even number. */
const PHASES = [[1], [2, 0]] as const;
const KERNEL = 3;

/**
 * dx of a 3x3 convolution with stride 2 and a padding of 1: rows and columns with even and odd numbers see different taps of
 * the kernel, so each of the four kinds of pixels is a convolution of dy of its own. In blocked channels they are cheap to
 * put together. Null where the convolution is another one, or the layout does not fit.
 */
export function phasesInputGradient(
  g: Graph,
  state: LoweringState,
  dy: Value,
  weight: Value,
  { inputSize, group, strides, pads, dilations }: Operators['ConvInputGradient'],
): Value | null {
  const block = state.options.channelBlock;
  const [outChannels, inChannels, ...kernelSize] = sizes4(weight);
  const isOfThisKind =
    group === 1 &&
    kernelSize.every((size) => size === KERNEL) &&
    strides.every((stride) => stride === 2) &&
    pads.every((size) => size === 1) &&
    dilations.every((dilation) => dilation === 1);
  if (!isOfThisKind || block === null || outChannels % block > 0 || inChannels % block > 0) return null;
  const [images, , height, width] = sizes4(dy);
  const phase = (rows: readonly number[], columns: readonly number[]): Value => {
    const taps = rows.flatMap((row) => columns.map((column) => row * KERNEL + column));
    const size = [rows.length, columns.length] as const;
    return blockedConv(g, state.blocked(dy, block), backwardFilter(g, state, weight, block, taps, size), null, {
      strides: [1, 1],
      pads: [0, 0, size[0] - 1, size[1] - 1],
      dilations: [1, 1],
      group: 1,
      kernel_shape: size,
    });
  };
  const rowsOfBlocks = (images * inChannels * height) / block;
  const lines = PHASES.map((rows) => {
    const inTurn = PHASES.map((columns) => reshape(g, phase(rows, columns), [rowsOfBlocks, width, block]));
    return reshape(g, concat(g, inTurn, 2), [rowsOfBlocks, 2 * width * block]);
  });
  const whole = reshape(g, concat(g, lines, 1), [images, inChannels, 2 * height, 2 * width]);
  return cutOut(g, g.op('ReorderOutput', [whole], { channels: inChannels }), [0, inputSize[0]], [0, inputSize[1]]);
}
