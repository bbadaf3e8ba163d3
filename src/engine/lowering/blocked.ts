import type { Graph } from '../graph/graph.js';
import type { Value } from '../graph/node.js';
import { gather, reshape, transpose } from '../graph/ops.js';
import type { ConvAttributes, Operators } from '../graph/operators.js';
import type { LoweringState } from './lowering-state.js';
import { sizes4 } from './maps.js';

/**
 * Convolutions over blocked channels, the runtime's own layout: `[N, C / block, H, W, block]` in memory, under the shape
 * `[N, C, H, W]`. Its kernels for that layout take 5 to 20 % less time than its plain convolutions, with the reordering of
 * inputs, outputs and weights (bench/README.md).
 */

/** Positions of all images from which on reordering the weights of a forward pass pays. */
const MANY_POSITIONS = 1000;
/** Inputs of a position (channels times taps) from which on a convolution of few channels is faster with blocked outputs. */
const MANY_INPUTS = 64;

/** A convolution of blocked channels, or of fewer channels than a block has in plain layout, to blocked channels. */
export function blockedConv(
  g: Graph,
  x: Value,
  filter: Value,
  bias: Value | null,
  attributes: Operators['NchwcConv'],
): Value {
  return g.op('NchwcConv', bias ? [x, filter, bias] : [x, filter], attributes);
}

/** The forward pass in blocked channels; null where the plain one is faster, or the layout does not fit. */
export function blockedForward(
  g: Graph,
  state: LoweringState,
  x: Value,
  weight: Value,
  bias: Value | null,
  attributes: ConvAttributes,
): Value | null {
  const block = state.options.channelBlock;
  const [outChannels, inPerGroup, height, width] = sizes4(weight);
  if (block === null || attributes.group !== 1 || height * width === 1 || outChannels % block > 0) return null;
  const [images, inChannels, ...size] = sizes4(x);
  const convolved = (input: Value, filter: Value): Value => {
    const blocked = blockedConv(g, input, filter, bias, { ...attributes, kernel_shape: [height, width] });
    return g.op('ReorderOutput', [blocked], { channels: outChannels });
  };
  if (inChannels < block && inPerGroup * height * width > MANY_INPUTS)
    return convolved(x, outputsLast(g, weight, block));
  const fits =
    inChannels % block === 0 &&
    attributes.strides.every((stride) => stride === 1) &&
    images * size[0] * size[1] >= MANY_POSITIONS;
  return fits ? convolved(state.blocked(x, block), forwardFilter(g, weight, block)) : null;
}

/**
 * dx as the convolution of dy with the reversed kernel, padded by `pads`, in blocked channels; null where the layout does
 * not fit.
 */
export function blockedInputGradient(
  g: Graph,
  state: LoweringState,
  dy: Value,
  weight: Value,
  { pads, dilations, group }: ConvAttributes,
): Value | null {
  const block = state.options.channelBlock;
  const [outChannels, inChannels, height, width] = sizes4(weight);
  if (block === null || group !== 1 || outChannels % block > 0 || inChannels % block > 0) return null;
  const blocked = blockedConv(g, state.blocked(dy, block), backwardFilter(g, weight, block), null, {
    strides: [1, 1],
    pads,
    dilations,
    group: 1,
    kernel_shape: [height, width],
  });
  return g.op('ReorderOutput', [blocked], { channels: inChannels });
}

/** `[Co, Ci, kh, kw]` in the order Co / block, Ci, taps, block of Co: the filter for an input in plain layout. */
function outputsLast(g: Graph, weight: Value, block: number): Value {
  const [outChannels, inChannels, height, width] = sizes4(weight);
  const rows = transpose(g, reshape(g, weight, [outChannels / block, block, inChannels * height * width]), [0, 2, 1]);
  return reshape(g, rows, [outChannels, inChannels, height, width]);
}

/** `[Co, Ci, kh, kw]` in the order Co / block, Ci / block, taps, block of Ci, block of Co; the second of two steps moves blocks. */
function forwardFilter(g: Graph, weight: Value, block: number): Value {
  const [outChannels, inChannels, height, width] = sizes4(weight);
  const byInput = reshape(g, outputsLast(g, weight, block), [
    (outChannels * inChannels) / block ** 2,
    block,
    height * width,
    block,
  ]);
  return reshape(g, transpose(g, byInput, [0, 2, 1, 3]), [outChannels, inChannels, height, width]);
}

/** The same with Co and Ci exchanged and the taps reversed. */
function backwardFilter(g: Graph, weight: Value, block: number): Value {
  const [outChannels, inChannels, height, width] = sizes4(weight);
  const taps = height * width;
  const split = reshape(g, weight, [outChannels / block, block, inChannels / block, block, taps]);
  const exchanged = transpose(g, split, [2, 0, 4, 1, 3]);
  const reversed = Array.from({ length: taps }, (_, tap) => taps - 1 - tap);
  return reshape(g, gather(g, exchanged, g.int64(reversed), 2), [inChannels, outChannels, height, width]);
}
