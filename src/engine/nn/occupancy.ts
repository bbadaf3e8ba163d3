import type { Graph } from '../graph/graph.js';
import type { Value } from '../graph/node.js';
import { div, reshape } from '../graph/ops.js';
import { elementCount, staticShape } from '../graph/tensor.js';
import { sumAll } from './losses.js';

/** Which rows of a batch hold something; the others hold zeros, and count for nothing in the statistics of norms. */
export interface Occupancy {
  /** 1 or 0: float32 `[rows]`. */
  readonly occupied: Value;
  /** The part of the rows that is occupied: float32 scalar. */
  readonly share: Value;
}

/** @param occupied 1 or 0, of any shape with an element a row */
export function occupancyOf(g: Graph, occupied: Value): Occupancy {
  const rows = elementCount(staticShape('the rows', occupied.shape));
  return { occupied: reshape(g, occupied, [rows]), share: div(g, sumAll(g, occupied), g.scalar(rows)) };
}
