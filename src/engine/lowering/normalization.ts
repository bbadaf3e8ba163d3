import type { Graph } from '../graph/graph.js';
import type { Value } from '../graph/node.js';
import { add, div, mul, neg, perChannel, reduceSum, reshape, sqrt, sub } from '../graph/ops.js';
import { at, elementCount, staticShape } from '../graph/tensor.js';
import type { LoweringRules } from './lowering-rule.js';

/** Sum over all but the channels of the product of two `[N, C, H, W]` tensors, without writing the product. */
function channelDot(g: Graph, a: Value, b: Value): Value {
  const shape = staticShape(a.name, a.shape);
  const [images, channels] = [at(shape, 0), at(shape, 1)];
  const rows = [images * channels, 1, elementCount(shape.slice(2))];
  const dots = g.op('FusedMatMul', [reshape(g, a, rows), reshape(g, b, rows)], { transA: 0, transB: 1, alpha: 1 });
  return reduceSum(g, reshape(g, dots, [images, channels]), [0]);
}

export const normalizationLowerings: LoweringRules<'BatchNormalizationGradient' | 'BatchNormalizationTraining'> = {
  BatchNormalizationTraining: ({ g, input, attributes: { epsilon } }) => {
    const x = input(0);
    const m = g.op('ReduceMean', [x, g.int64([0, 2, 3])], { keepdims: 0 });
    const c = sub(g, x, perChannel(g, m));
    const v = g.op('ReduceMean', [mul(g, c, c), g.int64([0, 2, 3])], { keepdims: 0 });
    const s = div(g, input(1), sqrt(g, add(g, v, g.scalar(epsilon))));
    return [add(g, mul(g, c, perChannel(g, s)), perChannel(g, input(2))), m, v];
  },
  BatchNormalizationGradient: ({ g, input, attributes: { epsilon } }) => {
    const [dy, x, scale, mean, variance] = [input(0), input(1), input(2), input(3), input(4)];
    const shape = staticShape('x', x.shape);
    const count = elementCount(shape) / at(shape, 1);
    const deviation = sqrt(g, add(g, variance, g.scalar(epsilon)));
    const dbias = reduceSum(g, dy, [0, 2, 3]);
    const centred = sub(g, x, perChannel(g, mean));
    const dscale = div(g, channelDot(g, dy, centred), deviation);
    // dx = a dy + b x + c, with one a, b, c a channel
    const a = div(g, scale, deviation);
    const b = mul(g, neg(g, div(g, mul(g, a, dscale), deviation)), g.scalar(1 / count));
    const c = neg(g, mul(g, a, mul(g, dbias, g.scalar(1 / count))));
    const shifted = add(g, mul(g, centred, perChannel(g, b)), perChannel(g, c));
    return [add(g, mul(g, dy, perChannel(g, a)), shifted), dscale, dbias];
  },
};
