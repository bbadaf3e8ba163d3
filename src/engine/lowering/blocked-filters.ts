import type { Graph } from '../graph/graph.js';
import type { Value } from '../graph/node.js';
import { gather, reshape, transpose } from '../graph/ops.js';
import type { LoweringState } from './lowering-state.js';
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

/**
 * The filter of a convolution from Co to Ci channels by some of the taps of `[Co, Ci, kh, kw]`, in their order.
 *
 * @param kernelSize `[height, width]` of that convolution, which has as many taps
 */
export function backwardFilter(
  g: Graph,
  state: LoweringState,
  weight: Value,
  block: number,
  taps: readonly number[],
  kernelSize: readonly [number, number],
): Value {
  const [outChannels, inChannels, height, width] = sizes4(weight);
  // Rows of a block of inputs, by output, block of inputs, tap.
  const rows = state.inForm('inputsLast', weight, () => {
    const blocked = g.op('ReorderInput', [weight], { $paddedChannels: inChannels });
    return reshape(g, blocked, [-1, block]);
  });
  const blocks = { outputs: outChannels / block, inputs: inChannels / block };
  // Up to a hundred thousand of them: making them takes longer than all the rest of lowering.
  const places = state.sharedConstant(`filter ${[outChannels, inChannels, height * width, ...taps].join()}`, () =>
    g.deferredConstant('int64', [blocks.outputs * blocks.inputs * taps.length * block], () =>
      BigInt64Array.from(rowPlaces(blocks, block, height * width, taps), BigInt),
    ),
  );
  return reshape(g, gather(g, rows, places, 0), [inChannels, outChannels, ...kernelSize]);
}

/** Where the rows of a filter are to be found, in its order: block of inputs, block of outputs, tap, output. */
function rowPlaces(
  blocks: { readonly outputs: number; readonly inputs: number },
  block: number,
  allTaps: number,
  taps: readonly number[],
): readonly number[] {
  const places: number[] = [];
  for (let inputs = 0; inputs < blocks.inputs; inputs++) {
    for (let outputs = 0; outputs < blocks.outputs; outputs++) {
      for (const tap of taps) {
        for (let output = outputs * block; output < (outputs + 1) * block; output++) {
          places.push((output * blocks.inputs + inputs) * allTaps + tap);
        }
      }
    }
  }
  return places;
}
