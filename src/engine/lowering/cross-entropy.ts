import type { Graph } from '../graph/graph.js';
import type { Value } from '../graph/node.js';
import { add, cast, equal, exp, gatherElements, log, mul, reduceMax, reduceSum, reshape, sub } from '../graph/ops.js';
import { at, elementCount, staticShape } from '../graph/tensor.js';
import type { LoweringRules } from './lowering-rule.js';

/** `[N, C, ...]` as `[N, C, places]`. */
function asRows(g: Graph, x: Value): Value {
  const shape = staticShape(x.name, x.shape);
  return reshape(g, x, [at(shape, 0), at(shape, 1), elementCount(shape.slice(2))]);
}

/** `[N, ...]` as `[N, 1, places]`. */
function asRow(g: Graph, x: Value): Value {
  const [images = 0, ...places] = staticShape(x.name, x.shape);
  return reshape(g, x, [images, 1, elementCount(places)]);
}

/**
 * Over the second axis as it lies: the runtime's LogSoftmax would bring it to the back and to the front again, which
 * takes twice as long.
 */
export const crossEntropyLowerings: LoweringRules<'CrossEntropy' | 'CrossEntropyGradient'> = {
  CrossEntropy: ({ g, input }) => {
    const [scores, classes] = [asRows(g, input(0)), asRow(g, input(1))];
    const shape = staticShape('the classes', input(1).shape);
    // The largest score is taken out, so that no exponential overflows.
    const largest = reduceMax(g, scores, [1], true);
    const sums = reduceSum(g, exp(g, sub(g, scores, largest)), [1], true);
    const logSums = add(g, log(g, sums), largest);
    const losses = sub(g, logSums, gatherElements(g, scores, classes, 1));
    const [images = 0, ...places] = shape;
    return [reshape(g, losses, shape), reshape(g, logSums, [images, 1, ...places])];
  },
  CrossEntropyGradient: ({ g, input }) => {
    const [dy, scores, classes, logSums] = [asRow(g, input(0)), asRows(g, input(1)), asRow(g, input(2)), input(3)];
    const count = at(staticShape('the scores', scores.shape), 1);
    const numbers = g.int64(
      Array.from({ length: count }, (_, index) => index),
      [1, count, 1],
    );
    const wanted = cast(g, equal(g, classes, numbers), 'float32');
    const gradient = mul(g, sub(g, exp(g, sub(g, scores, asRows(g, logSums))), wanted), dy);
    return [reshape(g, gradient, staticShape('the scores', input(1).shape))];
  },
};
