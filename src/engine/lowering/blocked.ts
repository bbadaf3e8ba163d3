import type { Graph } from '../graph/graph.js';
import type { Value } from '../graph/node.js';
import type { ConvAttributes, Operators } from '../graph/operators.js';
import { backwardFilter, forwardFilter, outputsLast } from './blocked-filters.js';
import type { LoweringState } from './lowering-state.js';
import { sizes4 } from './maps.js';

/**
 * Convolutions over blocked channels, the runtime's own layout: `[N, C / block, H, W, block]` in memory, under the shape
 * `[N, C, H, W]`. Its kernels for that layout take 5 to 37 % less time than its plain convolutions, with the reordering of
 * inputs, outputs and weights (bench/README.md).
 */

/** Positions of all images from which on reordering the weights of a forward pass pays, */
const REORDERED_POSITIONS = 1000;
/** or of a map so small that the plain convolution is slow, */
const SMALL_MAP_POSITIONS = 100;
/** where there are so many over all images. */
const SMALL_MAPS_POSITIONS = 300;
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
    return convolved(
      x,
      state.inForm('forwardFilter', weight, () => outputsLast(g, weight, block)),
    );
  const positions = size[0] * size[1];
  const fits =
    inChannels % block === 0 &&
    attributes.strides.every((stride) => stride === 1) &&
    images * positions >= (positions <= SMALL_MAP_POSITIONS ? SMALL_MAPS_POSITIONS : REORDERED_POSITIONS);
  if (!fits) return null;
  return convolved(
    state.blocked(x, block),
    state.inForm('forwardFilter', weight, () => forwardFilter(g, weight, block)),
  );
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
  const reversed = Array.from({ length: height * width }, (_, tap) => height * width - 1 - tap);
  const filter = state.inForm('backwardFilter', weight, () =>
    backwardFilter(g, state, weight, block, reversed, [height, width]),
  );
  const blocked = blockedConv(g, state.blocked(dy, block), filter, null, {
    strides: [1, 1],
    pads,
    dilations,
    group: 1,
    kernel_shape: [height, width],
  });
  return g.op('ReorderOutput', [blocked], { channels: inChannels });
}
