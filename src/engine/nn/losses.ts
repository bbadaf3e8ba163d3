import type { Graph } from '../graph/graph.js';
import type { Value } from '../graph/node.js';
import {
  add,
  clip,
  gatherElements,
  logSoftmax,
  mul,
  neg,
  reduceSum,
  relu,
  reshape,
  softplus,
  sub,
} from '../graph/ops.js';
import { at, elementCount, staticShape } from '../graph/tensor.js';

/** -log softmax of the target's class: logits `[N, M, classes]`, targets int64 `[N, M]`, result `[N, M]`. */
export function crossEntropy(g: Graph, logits: Value, targets: Value): Value {
  const shape = staticShape('the targets', targets.shape);
  const picked = gatherElements(g, logSoftmax(g, logits, -1), reshape(g, targets, [...shape, 1]), -1);
  return neg(g, reshape(g, picked, shape));
}

/** The same over the second axis: scores `[N, classes, H, W]`, targets int64 `[N, H, W]`, result `[N, H, W]`. */
export function pixelCrossEntropy(g: Graph, scores: Value, targets: Value): Value {
  return g.op('CrossEntropy', [scores, targets], {});
}

/** d^2 / (2 beta) where |d| < beta, else |d| - beta / 2, for d = prediction - target. */
export function smoothL1(g: Graph, prediction: Value, target: Value, beta = 1): Value {
  const difference = sub(g, prediction, target);
  // With c = d cut off at -beta and beta both branches are c (d - c / 2) / beta.
  const bounded = clip(g, difference, -beta, beta);
  const loss = mul(g, bounded, sub(g, difference, mul(g, bounded, g.scalar(0.5))));
  return beta === 1 ? loss : mul(g, loss, g.scalar(1 / beta));
}

/** -y log p - (1 - y) log(1 - p) with p = 1 / (1 + exp(-logit)), for targets y in [0, 1]. */
export function binaryCrossEntropy(g: Graph, logits: Value, targets: Value): Value {
  return sub(g, softplus(g, logits), mul(g, logits, targets));
}

/** |prediction - target| */
export function l1(g: Graph, prediction: Value, target: Value): Value {
  const difference = sub(g, prediction, target);
  return add(g, relu(g, difference), relu(g, neg(g, difference)));
}

/** What each place of `[rows, positions]` is to be. */
export interface FocalTargets {
  /** Class of a positive, any class of others: int64. */
  readonly classes: Value;
  /** 1 or 0: float32. */
  readonly positive: Value;
  /** 1 where the place is positive or negative, 0 where it is neither: float32. */
  readonly counted: Value;
}

/**
 * Sigmoid focal loss (Lin et al. 2018, equation 5; exponent 2), each class on its own: -alpha (1 - p)^2 log p for the class
 * of a positive, -(1 - alpha) p^2 log(1 - p) for all others, summed over classes and positions.
 *
 * @param logits `[rows, classes, positions]`
 * @returns `[rows]`
 */
export function sigmoidFocalLoss(
  g: Graph,
  logits: Value,
  { classes, positive, counted }: FocalTargets,
  alpha = 0.25,
): Value {
  return g.op('SigmoidFocalLoss', [logits, classes, positive, counted], { alpha });
}

/** Sum of all elements, as a scalar. */
export function sumAll(g: Graph, x: Value): Value {
  const axes = x.shape.map((_, axis) => axis);
  return axes.length === 0 ? x : reduceSum(g, x, axes);
}

/** Mean of all elements, as a scalar. */
export function meanAll(g: Graph, x: Value): Value {
  return mul(g, sumAll(g, x), g.scalar(1 / elementCount(staticShape(x.name, x.shape))));
}

/** `total` divided by the number of images; `batch` is any tensor with an image a row. */
export function perImage(g: Graph, total: Value, batch: Value): Value {
  return mul(g, total, g.scalar(1 / at(staticShape('the batch', batch.shape), 0)));
}
