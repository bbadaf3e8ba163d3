import type { Graph } from '../graph/graph.js';
import type { Value } from '../graph/node.js';
import { add, mul, reciprocal, reduceSum, reshape, sqrt, sub } from '../graph/ops.js';
import { at, elementCount, staticShape } from '../graph/tensor.js';
import type { LoweringRules } from './lowering-rule.js';

/** Positions of a channel up to which a plain product is faster than matrix products of rows (bench/README.md). */
const FEW_PRODUCTS = 200;
/** Positions of a channel up to which two passes over memory are faster than one convolution for each channel. */
const FEW_POSITIONS = 400;

/** Sum over all but the channels of the product of two `[N, C, H, W]` tensors. */
export function channelDot(g: Graph, a: Value, b: Value): Value {
  const shape = staticShape(a.name, a.shape);
  const [images, channels, positions] = [at(shape, 0), at(shape, 1), elementCount(shape.slice(2))];
  if (positions <= FEW_PRODUCTS) return reduceSum(g, mul(g, a, b), [0, 2, 3]);
  // As matrix products of a row with a row, without writing the product of the tensors.
  const rows = [images * channels, 1, positions];
  const dots = g.op('FusedMatMul', [reshape(g, a, rows), reshape(g, b, rows)], { transA: 0, transB: 1, alpha: 1 });
  return reduceSum(g, reshape(g, dots, [images, channels]), [0]);
}

/** slope * (x - mean) / sqrt(variance + epsilon) + shift, each a channel's own. */
interface Normalization {
  readonly slope: Value;
  readonly shift: Value;
  readonly mean: Value;
  readonly variance: Value;
  readonly epsilon: number;
}

function normalized(g: Graph, x: Value, { slope, shift, mean, variance, epsilon }: Normalization): Value {
  return g.op('BatchNormalization', [x, slope, shift, mean, variance], { epsilon, momentum: 1, training_mode: 0 });
}

/** summand + x normalised, in one pass over memory: a depthwise 1x1 convolution with bias and summand. */
function addNormalized(
  g: Graph,
  summand: Value,
  x: Value,
  { slope, shift, mean }: Normalization,
  inverseDeviation: Value,
): Value {
  const channels = at(staticShape(x.name, x.shape), 1);
  const factor = mul(g, slope, inverseDeviation);
  const bias = sub(g, shift, mul(g, factor, mean));
  return g.op('FusedConv', [x, reshape(g, factor, [channels, 1, 1, 1]), bias, summand], {
    strides: [1, 1],
    pads: [0, 0, 0, 0],
    dilations: [1, 1],
    group: channels,
  });
}

export const normalizationLowerings: LoweringRules<'BatchNormalizationGradient' | 'BatchNormalizationTraining'> = {
  // With momentum 0 the "running" statistics that come out are those of this batch. onnxruntime may write them into the
  // memory of those that go in, even where these are constants or one and the same tensor (as equal expressions become),
  // so each gets a tensor of its own, made of what no other node has.
  BatchNormalizationTraining: ({ g, input, attributes: { epsilon } }) => {
    const [x, scale, bias] = [input(0), input(1), input(2)];
    const scratch = (own: Value): Value => mul(g, own, g.scalar(0));
    return g.ops('BatchNormalization', [x, scale, bias, scratch(scale), scratch(bias)], {
      epsilon,
      momentum: 0,
      training_mode: 1,
    });
  },
  // dx = scale / sd (dy - mean(dy) - xhat mean(dy xhat)), and -xhat mean(dy xhat) - mean(dy) is a normalisation of x. The
  // factor in front, and one that dy brings along, are left to the convolution before.
  BatchNormalizationGradient: ({ g, input, state, attributes: { epsilon } }) => {
    const { tensor: dy, scale: dyScale } = state.factors(input(0));
    const [x, scale, mean, variance] = [input(1), input(2), input(3), input(4)];
    const scaled = (value: Value): Value => (dyScale ? mul(g, value, dyScale) : value);
    const shape = staticShape('x', x.shape);
    const share = g.scalar(-at(shape, 1) / elementCount(shape));
    const inverseDeviation = reciprocal(g, sqrt(g, add(g, variance, g.scalar(epsilon))));
    const dbias = reduceSum(g, dy, [0, 2, 3]);
    const dscale = mul(g, inverseDeviation, sub(g, channelDot(g, dy, x), mul(g, mean, dbias)));
    const [slope, shift] = [mul(g, dscale, share), mul(g, dbias, share)];
    const normal = { slope, shift, mean, variance, epsilon };
    const unscaled =
      elementCount(shape.slice(2)) <= FEW_POSITIONS
        ? add(g, dy, normalized(g, x, normal))
        : addNormalized(g, dy, x, normal, inverseDeviation);
    return [state.product(unscaled, scaled(mul(g, scale, inverseDeviation))), scaled(dscale), scaled(dbias)];
  },
};
