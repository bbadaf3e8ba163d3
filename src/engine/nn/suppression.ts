import type { Graph } from '../graph/graph.js';
import type { Value } from '../graph/node.js';
import { expand, gather, reshape } from '../graph/ops.js';
import { staticShape } from '../graph/tensor.js';

/** Below every score: marks what is no candidate, or did not survive. */
export const NOT_A_SCORE = -1e30;
/** Passes every score. */
export const ANY_SCORE = -1e29;

export interface SuppressionOptions {
  /** Of two boxes that overlap more, the one with the lower score goes. */
  readonly overlapThreshold: number;
  readonly scoreThreshold: number;
  /** Most survivors of a row. */
  readonly limit: number;
}

/**
 * Non-maximum suppression within each row.
 *
 * @param boxes `[rows, M, 4]`
 * @param scores `[rows, M]`
 * @returns the scores `[rows, M]`, NOT_A_SCORE where a box did not survive
 */
export function suppress(
  g: Graph,
  boxes: Value,
  scores: Value,
  { overlapThreshold, scoreThreshold, limit }: SuppressionOptions,
): Value {
  const [rows = 0, count = 0] = staticShape('the scores', scores.shape);
  const selected = g.op(
    'NonMaxSuppression',
    [
      boxes,
      reshape(g, scores, [rows, 1, count]),
      g.int64([limit]),
      g.float32([overlapThreshold]),
      g.float32([scoreThreshold]),
    ],
    { center_point_box: 0 },
  );
  const places = gather(g, selected, g.int64([0, 2]), 1);
  const nothing = expand(g, g.scalar(NOT_A_SCORE), [rows, count]);
  return g.op('ScatterND', [nothing, places, g.op('GatherND', [scores, places], {})], { reduction: 'none' });
}
