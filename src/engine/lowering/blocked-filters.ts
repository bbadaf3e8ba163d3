import type { Graph } from '../graph/graph.js';
import type { Value } from '../graph/node.js';
import { gather, reshape, transpose } from '../graph/ops.js';
import { staticShape } from '../graph/tensor.js';
import { sizes4 } from './maps.js';

/**
 * Weights in the memory order in which the runtime's convolutions over blocked channels read them. What reorders feature
 * maps does the fine-grained part, with all threads; only whole blocks are left to be moved (bench/README.md).
 */

/** `[Co, Ci, kh, kw]` in the order Co / block, Ci, taps, block of Co: the filter for an input in plain layout. */
export function outputsLast(g: Graph, weight: Value, block: number): Value {
  const [outChannels, inChannels, height, width] = sizes4(weight);
  // Outputs of a block are the channels, and all that one of them reads the positions.
  const maps = reshape(g, weight, [outChannels / block, block, inChannels, height * width]);
  const blocked = g.op('ReorderInput', [maps], { $paddedChannels: block });
  return reshape(g, blocked, [outChannels, inChannels, height, width]);
}

/** `[Co, Ci, kh, kw]` in the order Co / block, Ci / block, taps, block of Ci, block of Co. */
export function forwardFilter(g: Graph, weight: Value, block: number): Value {
  const [outChannels, inChannels, height, width] = sizes4(weight);
  const byInput = reshape(g, outputsLast(g, weight, block), [
    (outChannels * inChannels) / block ** 2,
    block,
    height * width,
    block,
  ]);
  return reshape(g, transpose(g, byInput, [0, 2, 1, 3]), [outChannels, inChannels, height, width]);
}

/** `[Co, Ci, kh, kw]` as `[Ci / block, Co / block, taps, block of Co, block of Ci]`. */
export function exchanged(g: Graph, weight: Value, block: number): Value {
  const [outChannels, inChannels, height, width] = sizes4(weight);
  const blocked = g.op('ReorderInput', [weight], { $paddedChannels: inChannels });
  const byOutput = reshape(g, blocked, [outChannels / block, block, inChannels / block, height * width, block]);
  return transpose(g, byOutput, [2, 0, 3, 1, 4]);
}

/**
 * The filter of a convolution from Co to Ci channels by some of the kernel's taps, in their order.
 *
 * @param blocks as by `exchanged`
 * @param kernelSize `[height, width]` of that convolution, which has as many taps
 */
export function backwardFilter(
  g: Graph,
  blocks: Value,
  taps: readonly number[],
  kernelSize: readonly [number, number],
): Value {
  const [inBlocks = 0, outBlocks = 0, , block = 0] = staticShape(blocks.name, blocks.shape);
  const chosen = gather(g, blocks, g.int64(taps), 2);
  return reshape(g, chosen, [inBlocks * block, outBlocks * block, ...kernelSize]);
}
