import type { Graph } from '../../../graph/graph.js';
import type { Value } from '../../../graph/node.js';
import { mul } from '../../../graph/ops.js';
import { smoothL1, sumAll } from '../../../nn/losses.js';

/** Where smooth L1 turns from a parabola into a line. */
const BETA = 1 / 9;

/**
 * Smooth L1 of the codes of boxes, summed over those that count, as both stages learn boxes.
 *
 * @param codes `[..., 4]`, as `wanted`
 * @param counted 1 or 0: `[..., 1]`
 */
export function codeLoss(g: Graph, codes: Value, wanted: Value, counted: Value): Value {
  return sumAll(g, mul(g, smoothL1(g, codes, wanted, BETA), counted));
}
