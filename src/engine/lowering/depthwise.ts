import type { Graph } from '../graph/graph.js';
import type { Value } from '../graph/node.js';
import { concat, gather, mul, reduceSum, reshape, slice, transpose, zeros } from '../graph/ops.js';
import type { ConvAttributes } from '../graph/operators.js';
import { at, staticShape } from '../graph/tensor.js';
import { blockedConv } from './blocked.js';
import type { LoweringState } from './lowering-state.js';
import { paddedTo } from './lowering-state.js';

/**
 * Depthwise convolutions over blocked channels: the runtime's own kernels for that layout take a third to a tenth of the
 * time of its plain grouped convolutions (bench/README.md).
 */

/** A depthwise convolution, `[N, C, H, W]` by `[C, 1, k, k]`, that the forms below can compute. */
export interface Depthwise {
  readonly block: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly pad: number;
}

/** The convolution by a weight of the given shape as a depthwise one with an odd square kernel, centred, stride 1 or 2; null where it is another. */
export function asDepthwise(
  { options: { channelBlock } }: LoweringState,
  [outChannels, inPerGroup, height = 0, width]: readonly number[],
  { group, strides, pads, dilations }: ConvAttributes,
): Depthwise | null {
  const dilation = dilations[0];
  const pad = (dilation * (height - 1)) / 2;
  const fits =
    channelBlock !== null &&
    group === outChannels &&
    // The runtime refuses to reorder any other number.
    outChannels % 4 === 0 &&
    inPerGroup === 1 &&
    height === width &&
    height > 1 &&
    height % 2 === 1 &&
    strides[0] === strides[1] &&
    strides[0] <= 2 &&
    dilations[1] === dilation &&
    pads.every((size) => size === pad);
  return fits ? { block: channelBlock, kernel: height, stride: strides[0], dilation, pad } : null;
}

/** `[C, 1, k, k]` to the memory order of the runtime's blocked depthwise filters. */
function blockedFilter(g: Graph, weight: Value, block: number): Value {
  const [channels = 0, , height = 0, width = 0] = staticShape(weight.name, weight.shape);
  const padded = paddedTo(block, channels);
  const whole =
    padded === channels
      ? weight
      : g.op('Pad', [weight, g.int64([0, 0, 0, 0, padded - channels, 0, 0, 0])], { mode: 'constant' });
  const byBlock = transpose(g, reshape(g, whole, [padded / block, block, height * width]), [0, 2, 1]);
  return reshape(g, byBlock, [padded, 1, height, width]);
}

/** `[C]` with zeros up to whole blocks, as the runtime reads the biases of blocked channels. */
function blockedBias(g: Graph, bias: Value, block: number): Value {
  const channels = at(staticShape(bias.name, bias.shape), 0);
  const padded = paddedTo(block, channels);
  return padded === channels ? bias : g.op('Pad', [bias, g.int64([0, padded - channels])], { mode: 'constant' });
}

export function depthwiseForward(
  g: Graph,
  state: LoweringState,
  x: Value,
  [weight, bias]: readonly [weight: Value, bias: Value | null],
  { block, kernel, stride, dilation, pad }: Depthwise,
): Value {
  const channels = at(staticShape(x.name, x.shape), 1);
  const ofBlocks = bias && blockedBias(g, bias, block);
  const blocked = blockedConv(g, state.blocked(x, block), blockedFilter(g, weight, block), ofBlocks, {
    strides: [stride, stride],
    pads: [pad, pad, pad, pad],
    dilations: [dilation, dilation],
    group: paddedTo(block, channels),
    kernel_shape: [kernel, kernel],
  });
  return g.op('ReorderOutput', [blocked], { channels });
}

/**
 * dx = dy, spread by the stride, convolved with the reversed kernel.
 *
 * @param inputSize `[height, width]` of dx
 */
export function depthwiseInputGradient(
  g: Graph,
  state: LoweringState,
  dy: Value,
  weight: Value,
  inputSize: readonly [number, number],
  { block, kernel, stride, dilation, pad }: Depthwise,
): Value {
  const [, channels = 0] = staticShape(dy.name, dy.shape);
  const taps = Array.from({ length: kernel * kernel }, (_, tap) => kernel * kernel - 1 - tap);
  const flat = reshape(g, weight, [channels, 1, kernel * kernel]);
  const reversed = reshape(g, gather(g, flat, g.int64(taps), 2), [channels, 1, kernel, kernel]);
  const spread = stride === 1 ? state.blocked(dy, block) : spreadByTwo(g, state.blocked(dy, block), block);
  const [, padded = 0, height = 0, width = 0] = staticShape('the spread gradient', spread.shape);
  const reach = dilation * (kernel - 1);
  const before = reach - pad;
  const after = (size: number, wanted: number): number => wanted - size + reach - before;
  const blocked = blockedConv(g, spread, blockedFilter(g, reversed, block), null, {
    strides: [1, 1],
    pads: [before, before, after(height, inputSize[0]), after(width, inputSize[1])],
    dilations: [dilation, dilation],
    group: padded,
    kernel_shape: [kernel, kernel],
  });
  return g.op('ReorderOutput', [blocked], { channels });
}

/** A zero after every row and every column. */
function spreadByTwo(g: Graph, blocked: Value, block: number): Value {
  const [images = 0, channels = 0, height = 0, width = 0] = staticShape('the gradient', blocked.shape);
  const rows = (images * channels * height) / block;
  const columns = concat(g, [reshape(g, blocked, [rows, width, block]), zeros(g, [rows, width, block])], 2);
  const wide = width * 2 * block;
  const all = concat(g, [reshape(g, columns, [rows, wide]), zeros(g, [rows, wide])], 1);
  return reshape(g, all, [images, channels, height * 2, width * 2]);
}

/**
 * dweight: each channel of each image is convolved with its dy as the kernel, dilated by the stride, and with the dilation
 * as the stride. In blocked channels dy has the very memory order of a filter of one channel a group.
 */
export function depthwiseWeightGradient(
  g: Graph,
  state: LoweringState,
  x: Value,
  dy: Value,
  { block, kernel, stride, dilation, pad }: Depthwise,
): Value {
  const [images = 0, channels = 0, height = 0, width = 0] = staticShape(x.name, x.shape);
  const [, , outHeight = 0, outWidth = 0] = staticShape(dy.name, dy.shape);
  const padded = paddedTo(block, channels);
  const group = images * padded;
  const after = (size: number, out: number): number => dilation * (kernel - 1) + stride * (out - 1) + 1 - size - pad;
  const products = blockedConv(
    g,
    reshape(g, state.blocked(x, block), [1, group, height, width]),
    reshape(g, state.blocked(dy, block), [group, 1, outHeight, outWidth]),
    null,
    {
      strides: [dilation, dilation],
      pads: [pad, pad, after(height, outHeight), after(width, outWidth)],
      dilations: [stride, stride],
      group,
      kernel_shape: [outHeight, outWidth],
    },
  );
  const taps = kernel * kernel;
  const summed = reduceSum(g, reshape(g, products, [images, padded / block, taps, block]), [0]);
  const byChannel = reshape(g, transpose(g, summed, [0, 2, 1]), [padded, taps]);
  return reshape(g, slice(g, byChannel, 0, 0, channels), [channels, 1, kernel, kernel]);
}

/** weight `[Co, ...]` with each output channel scaled; as a matrix, since the runtime is slow over last axes of 1. */
export function scaledFilter(g: Graph, weight: Value, scale: Value | null): Value {
  if (!scale) return weight;
  const shape = staticShape(weight.name, weight.shape);
  const rows = reshape(g, weight, [at(shape, 0), -1]);
  return reshape(g, mul(g, rows, scale.shape.length === 0 ? scale : reshape(g, scale, [-1, 1])), shape);
}
