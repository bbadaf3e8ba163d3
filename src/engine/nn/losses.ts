import type { Graph } from '../graph/graph.js';
import type { Value } from '../graph/node.js';
import { clip, gatherElements, logSoftmax, mul, neg, reduceSum, reshape, sub } from '../graph/ops.js';
import { at, staticShape } from '../graph/tensor.js';

/** -log softmax of the target's class: logits `[N, M, classes]`, targets int64 `[N, M]`, result `[N, M]`. */
export function crossEntropy(g: Graph, logits: Value, targets: Value): Value {
  const shape = staticShape('the targets', targets.shape);
  const picked = gatherElements(g, logSoftmax(g, logits, -1), reshape(g, targets, [...shape, 1]), -1);
  return neg(g, reshape(g, picked, shape));
}

/** d^2 / 2 where |d| < 1, else |d| - 1/2, for d = prediction - target. */
export function smoothL1(g: Graph, prediction: Value, target: Value): Value {
  const difference = sub(g, prediction, target);
  // With c = d cut off at -1 and 1 both branches are c (d - c / 2).
  const bounded = clip(g, difference, -1, 1);
  return mul(g, bounded, sub(g, difference, mul(g, bounded, g.scalar(0.5))));
}

/** Sum of all elements, as a scalar. */
export function sumAll(g: Graph, x: Value): Value {
  return reduceSum(
    g,
    x,
    x.shape.map((_, axis) => axis),
  );
}

/** `total` divided by the number of images; `batch` is any tensor with an image a row. */
export function perImage(g: Graph, total: Value, batch: Value): Value {
  return mul(g, total, g.scalar(1 / at(staticShape('the batch', batch.shape), 0)));
}
