import type { Graph } from '../graph/graph.js';
import type { Value } from '../graph/node.js';
import {
  abs,
  add,
  gatherElements,
  log,
  matMul,
  mul,
  neg,
  reduceSum,
  relu,
  reshape,
  sigmoid,
  sub,
} from '../graph/ops.js';
import { staticShape } from '../graph/tensor.js';
import type { LoweringRules } from './lowering-rule.js';

/** p = sigmoid(x) and h(x) = p^2 log(1 + exp(x)): the focal loss of a negative, but for its weight. */
function sigmoidAndLoss(g: Graph, x: Value): readonly [probability: Value, loss: Value] {
  const probability = sigmoid(g, x);
  return [probability, mul(g, mul(g, probability, probability), softplus(g, x))];
}

/**
 * log(1 + exp(x)) = max(x, 0) - log sigmoid(|x|), with sigmoids from 1/2 on, whose logarithms are finite. The runtime's
 * own Softplus goes number by number, which takes it four times as long (bench/README.md).
 */
function softplus(g: Graph, x: Value): Value {
  return sub(g, relu(g, x), log(g, sigmoid(g, abs(g, x))));
}

/** h'(x) = p^3 + 2 (1 - p) h = p (p^2 - 2 h) + 2 h */
function lossSlope(g: Graph, probability: Value, loss: Value): Value {
  const twice = add(g, loss, loss);
  return add(g, mul(g, probability, sub(g, mul(g, probability, probability), twice)), twice);
}

/** Numbers of each position's own class, `[rows, 1, positions]`, of `[rows, classes, positions]`. */
function ofClasses(g: Graph, values: Value, classes: Value): Value {
  const [rows = 0, positions = 0] = staticShape('the classes', classes.shape);
  return gatherElements(g, values, reshape(g, classes, [rows, 1, positions]), 1);
}

/**
 * All classes of all positions count as negatives first; then, at the few places that are positive, the difference is
 * added. So no tensor of targets as large as the logits is needed, nor a choice element by element.
 */
export const focalLossLowerings: LoweringRules<'SigmoidFocalLoss' | 'SigmoidFocalLossGradient'> = {
  SigmoidFocalLoss: ({ g, input, attributes: { alpha } }) => {
    const [logits, classes, positive, counted] = [input(0), input(1), input(2), input(3)];
    const [rows = 0, , positions = 0] = staticShape('the logits', logits.shape);
    const [probability, loss] = sigmoidAndLoss(g, logits);
    const negatives = reduceSum(g, matMul(g, loss, reshape(g, counted, [rows, positions, 1])), [1, 2]);
    const [, positiveLoss] = sigmoidAndLoss(g, neg(g, ofClasses(g, logits, classes)));
    const difference = sub(
      g,
      mul(g, positiveLoss, g.scalar(alpha)),
      mul(g, ofClasses(g, loss, classes), g.scalar(1 - alpha)),
    );
    const differences = reduceSum(g, mul(g, reshape(g, difference, [rows, positions]), positive), [1]);
    return [add(g, mul(g, negatives, g.scalar(1 - alpha)), differences), probability, loss];
  },
  SigmoidFocalLossGradient: ({ g, input, attributes: { alpha } }) => {
    const [dy, probability, loss, logits] = [input(0), input(1), input(2), input(3)];
    const [classes, positive, counted] = [input(4), input(5), input(6)];
    const [rows = 0, , positions = 0] = staticShape('the logits', logits.shape);
    const weighted = (places: Value, weight: number): Value =>
      reshape(g, mul(g, places, mul(g, reshape(g, dy, [rows, 1]), g.scalar(weight))), [rows, 1, positions]);
    const asNegatives = mul(g, lossSlope(g, probability, loss), weighted(counted, 1 - alpha));
    const ownProbability = ofClasses(g, probability, classes);
    const asPositive = lossSlope(g, ...sigmoidAndLoss(g, neg(g, ofClasses(g, logits, classes))));
    const asNegative = lossSlope(g, ownProbability, ofClasses(g, loss, classes));
    const difference = neg(
      g,
      add(g, mul(g, asPositive, weighted(positive, alpha)), mul(g, asNegative, weighted(positive, 1 - alpha))),
    );
    return [
      g.op('ScatterElements', [asNegatives, reshape(g, classes, [rows, 1, positions]), difference], {
        axis: 1,
        reduction: 'add',
      }),
    ];
  },
};
