import type { Graph } from '../../../graph/graph.js';
import type { Value } from '../../../graph/node.js';
import { add, concat, mul, slice, sub } from '../../../graph/ops.js';
import { at, staticShape } from '../../../graph/tensor.js';
import { rowsAt } from '../../../nn/rows.js';
import type { Proposals } from './region-proposals.js';

/** Most that a planted box is moved, as a share of its object's sides: their overlap stays above 0.75. */
const JITTER = 0.06;
/** What is left of the network's own proposals: nothing of it is left out, and the overlap stays what it is. */
const PROPOSAL_SHARE = 1e-4;

/**
 * Replaces the best proposals by as many boxes near the objects as it takes for `positives` of them to train as an object,
 * as the proposals of a trained network do. The objects themselves, which training adds to the proposals, count too.
 *
 * @param targets boxes of the objects: `[N, objects, 4]`
 */
export function plantedProposals(g: Graph, { boxes, valid }: Proposals, targets: Value, positives: number): Proposals {
  const [images = 0, objects = 0] = staticShape('the objects', targets.shape);
  const places = Number(at(boxes.shape, 1));
  const count = Math.min(places, positives - objects);
  if (count <= 0) return { boxes, valid };
  const indices = Array.from({ length: images * count }, (_, row) => (row % count) % objects);
  const near = rowsAt(g, targets, g.int64(indices, [images, count]));
  const sides = sub(g, slice(g, near, 2, 2, 4), slice(g, near, 2, 0, 2));
  const moves = mul(g, sides, g.constant('float32', [1, count, 2], jitter(count)));
  const own = mul(g, slice(g, boxes, 1, 0, count), g.scalar(PROPOSAL_SHARE));
  const planted = add(g, add(g, near, concat(g, [moves, moves], 2)), own);
  const ones = g.constant('float32', [images, count], new Float32Array(images * count).fill(1));
  if (count === places) return { boxes: planted, valid: ones };
  return {
    boxes: concat(g, [planted, slice(g, boxes, 1, count, places)], 1),
    valid: concat(g, [ones, slice(g, valid, 1, count, places)], 1),
  };
}

/** Shifts in x and y of each box, spread evenly over a square. */
function jitter(count: number): Float32Array {
  const golden = (Math.sqrt(5) - 1) / 2;
  const shifts = new Float32Array(2 * count);
  for (let index = 0; index < count; index++) {
    shifts[2 * index] = JITTER * (2 * ((index * golden) % 1) - 1);
    shifts[2 * index + 1] = JITTER * (2 * ((index + 0.5) / count) - 1);
  }
  return shifts;
}
