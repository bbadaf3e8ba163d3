import type { Graph } from '../graph/graph.js';
import type { Value } from '../graph/node.js';
import { expand, gather, reshape, scatterElements } from '../graph/ops.js';
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
export function suppress(g: Graph, boxes: Value, scores: Value, options: SuppressionOptions): Value {
  const [rows = 0, count = 0] = staticShape('the scores', scores.shape);
  return survivors(g, boxes, scores, reshape(g, scores, [rows, 1, count]), options);
}

/**
 * Non-maximum suppression within each row, of boxes of the same class alone.
 *
 * @param labels class of each box, from 0: int64 `[rows, M]`
 * @param classes number of classes
 * @returns as `suppress`; the limit is of survivors of a class
 */
export function suppressByClass(
  g: Graph,
  boxes: Value,
  scores: Value,
  labels: Value,
  classes: number,
  options: SuppressionOptions,
): Value {
  const [rows = 0, count = 0] = staticShape('the scores', scores.shape);
  const nothing = expand(g, g.scalar(NOT_A_SCORE), [rows, classes, count]);
  const row = (value: Value): Value => reshape(g, value, [rows, 1, count]);
  return survivors(g, boxes, scores, scatterElements(g, nothing, row(labels), row(scores), 1), options);
}

/** The scores `[rows, M]` of what is left of `byClass` `[rows, classes, M]`. */
function survivors(
  g: Graph,
  boxes: Value,
  scores: Value,
  byClass: Value,
  { overlapThreshold, scoreThreshold, limit }: SuppressionOptions,
): Value {
  const selected = g.op(
    'NonMaxSuppression',
    [boxes, byClass, g.int64([limit]), g.float32([overlapThreshold]), g.float32([scoreThreshold])],
    { center_point_box: 0 },
  );
  const places = gather(g, selected, g.int64([0, 2]), 1);
  const nothing = expand(g, g.scalar(NOT_A_SCORE), staticShape('the scores', scores.shape));
  return g.op('ScatterND', [nothing, places, g.op('GatherND', [scores, places], {})], { reduction: 'none' });
}
