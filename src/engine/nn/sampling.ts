import type { Graph } from '../graph/graph.js';
import type { Value } from '../graph/node.js';
import { cast, concat, gatherElements, greater, mul, reduceSum, sub, topK } from '../graph/ops.js';
import { at, staticShape } from '../graph/tensor.js';

export interface SampleSize {
  /** Boxes sampled in each image, where there are as many. */
  readonly boxes: number;
  /** Most of them that are positive. */
  readonly positives: number;
}

/** `first`: those with the lowest indices, so that samples can be compared; `scattered`: from all over the list. */
export type SamplingOrder = 'first' | 'scattered';

export interface Sample {
  /** int64 `[N, boxes]`, positives first. */
  readonly indices: Value;
  /** 1 for a positive, else 0: float32 `[N, boxes]`. */
  readonly positive: Value;
  /** 1, or 0 for a place that is left over because there were not enough boxes: float32 `[N, boxes]`. */
  readonly chosen: Value;
}

/**
 * torchvision's BalancedPositiveNegativeSampler, with a fixed number of places: up to a quota of positives, then negatives.
 * Chance is replaced by an order fixed beforehand, which costs the same.
 *
 * @param positive 1 or 0: float32 `[N, M]`
 * @param negative 1 or 0: float32 `[N, M]`; what is neither is never sampled
 */
export function balancedSample(
  g: Graph,
  positive: Value,
  negative: Value,
  { boxes, positives }: SampleSize,
  order: SamplingOrder,
): Sample {
  const count = at(staticShape('the candidates', positive.shape), 1);
  const priorities = g.deferredConstant('float32', [1, count], () =>
    order === 'first' ? descending(count) : scattered(count),
  );
  const [positivePriority, positiveIndices] = topK(g, mul(g, positive, priorities), Math.min(positives, count), 1);
  const [negativePriority, negativeIndices] = topK(g, mul(g, negative, priorities), Math.min(boxes, count), 1);
  const zero = g.scalar(0);
  const isPositive = cast(g, greater(g, positivePriority, zero), 'float32');
  const isNegative = cast(g, greater(g, negativePriority, zero), 'float32');
  const [positivePlaces, negativePlaces] = [at(isPositive.shape, 1), at(isNegative.shape, 1)].map(Number);
  // Negatives fill up what positives leave: the k-th is taken when k is less than that.
  const left = sub(g, g.scalar(boxes), reduceSum(g, isPositive, [1], true));
  const ranks = g.constant('float32', [1, negativePlaces ?? 0], ascending(negativePlaces ?? 0));
  const isTaken = mul(g, isNegative, cast(g, greater(g, left, ranks), 'float32'));

  const places = (positivePlaces ?? 0) + (negativePlaces ?? 0);
  const taken = concat(g, [isPositive, isTaken], 1);
  const [placePriority, slots] = topK(
    g,
    mul(g, taken, g.constant('float32', [1, places], descending(places))),
    Math.min(boxes, places),
    1,
  );
  const zeros = mul(g, isTaken, zero);
  return {
    indices: gatherElements(g, concat(g, [positiveIndices, negativeIndices], 1), slots, 1),
    positive: gatherElements(g, concat(g, [isPositive, zeros], 1), slots, 1),
    chosen: cast(g, greater(g, placePriority, zero), 'float32'),
  };
}

function ascending(count: number): Float32Array {
  return Float32Array.from({ length: count }, (_, index) => index);
}

/** count, count - 1, ... 1 */
function descending(count: number): Float32Array {
  return Float32Array.from({ length: count }, (_, index) => count - index);
}

/** 1 to count in an order that leaps through the list, by steps near the golden section of its length. */
function scattered(count: number): Float32Array {
  const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b));
  let step = Math.max(1, Math.round(count * ((Math.sqrt(5) - 1) / 2)));
  while (divisor(step, count) !== 1) step++;
  const priorities = new Float32Array(count);
  for (let index = 0, place = 0; index < count; index++) {
    priorities[place] = count - index;
    place += step;
    if (place >= count) place -= count;
  }
  return priorities;
}
