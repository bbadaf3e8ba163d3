import type { Graph } from '../graph/graph.js';
import type { Value } from '../graph/node.js';
import {
  argMax,
  cast,
  equal,
  expand,
  greaterOrEqual,
  max,
  mul,
  reduceMax,
  reshape,
  scatterElements,
  sub,
  where,
} from '../graph/ops.js';
import { staticShape } from '../graph/tensor.js';

/**
 * SSD's matching (torchvision's SSDMatcher): a default box takes the target it overlaps most, if that is `threshold`
 * or more; besides, each target takes the box that overlaps it most. Of targets that share their best box, the last
 * takes it.
 *
 * @param overlaps intersection over union, `[N, targets, boxes]`
 * @returns index of each box's target, -1 for background: int64 `[N, boxes]`
 */
export function matchDefaultBoxes(g: Graph, overlaps: Value, threshold: number): Value {
  const [images, targets] = staticShape('the overlaps', overlaps.shape);
  const best = reduceMax(g, overlaps, [1]);
  const matches = where(g, greaterOrEqual(g, best, g.scalar(threshold)), argMax(g, overlaps, 1), g.int64([-1], []));
  const numbers = Array.from({ length: targets ?? 0 }, (_, index) => index);
  const targetNumbers = expand(g, reshape(g, g.int64(numbers), [1, numbers.length]), [images ?? 0, numbers.length]);
  return scatterElements(g, matches, argMax(g, overlaps, 2), targetNumbers, 1);
}

/** Matches with background's -1 as 0, so that they can be used as indices. */
export function atLeastZero(g: Graph, matches: Value): Value {
  return g.op('Max', [matches, g.int64([0], [])], {});
}

export interface MatchThresholds {
  /** Overlap with a target from which on a box is positive. */
  readonly foreground: number;
  /** Overlap below which a box is negative; between the two it is neither. */
  readonly background: number;
  /** Whether the boxes that overlap a target most are positive too, however little that is. */
  readonly bestOfEachTarget: boolean;
}

export interface Matches {
  /** Index of the target that each box overlaps most: int64 `[N, boxes]`. */
  readonly targets: Value;
  /** 1 or 0: float32 `[N, boxes]`. */
  readonly positive: Value;
  /** 1 or 0: float32 `[N, boxes]`. */
  readonly negative: Value;
}

/** torchvision's Matcher. @param overlaps intersection over union, `[N, targets, boxes]` */
export function matchByThresholds(
  g: Graph,
  overlaps: Value,
  { foreground, background, bestOfEachTarget }: MatchThresholds,
): Matches {
  const one = g.scalar(1);
  const best = reduceMax(g, overlaps, [1]);
  const reaches = (threshold: number): Value => cast(g, greaterOrEqual(g, best, g.scalar(threshold)), 'float32');
  const targets = argMax(g, overlaps, 1);
  const overlapping = reaches(foreground);
  const apart = sub(g, one, foreground === background ? overlapping : reaches(background));
  if (!bestOfEachTarget) return { targets, positive: overlapping, negative: apart };
  // Equal bests of one target count all.
  const isBest = cast(g, equal(g, overlaps, reduceMax(g, overlaps, [2], true)), 'float32');
  const chosen = reduceMax(g, isBest, [1]);
  return { targets, positive: max(g, overlapping, chosen), negative: mul(g, apart, sub(g, one, chosen)) };
}
