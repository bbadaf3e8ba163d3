import type { Graph } from '../graph/graph.js';
import type { Value } from '../graph/node.js';
import { add, div, mul, perChannel, reciprocal, reduceSum, relu, reshape, sqrt, sub, zeros } from '../graph/ops.js';
import { at, elementCount, staticShape } from '../graph/tensor.js';
import type { LoweringRules } from './lowering-rule.js';
import { preciseSum } from './sums.js';

/**
 * Positions of a channel up to which a plain product is faster than matrix products of rows, and a pass that takes the
 * mean out of x costs little (bench/README.md).
 */
const MULTIPLIED_POSITIONS = 200;
/** Positions of a channel up to which two passes over memory are faster than one convolution for each channel. */
const NORMALIZED_POSITIONS = 400;

/** Sum over all but the channels of the product of two `[N, C, H, W]` tensors. */
function channelDot(g: Graph, a: Value, b: Value): Value {
  const shape = staticShape(a.name, a.shape);
  const [images, channels, positions] = [at(shape, 0), at(shape, 1), elementCount(shape.slice(2))];
  if (positions <= MULTIPLIED_POSITIONS) return reduceSum(g, mul(g, a, b), [0, 2, 3]);
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

/** `BatchNormalization` with the statistics of the batch. */
function batchNormalization(g: Graph, x: Value, scale: Value, bias: Value, epsilon: number): readonly Value[] {
  // With momentum 0 the "running" statistics that come out are those of this batch. onnxruntime may write them into the
  // memory of those that go in, even where these are constants or one and the same tensor,
  // so each gets a tensor of its own, made of what no other node has.
  const scratch = (own: Value): Value => mul(g, own, g.scalar(0));
  return g.ops('BatchNormalization', [x, scale, bias, scratch(scale), scratch(bias)], {
    epsilon,
    momentum: 0,
    training_mode: 1,
  });
}

/**
 * The same with statistics over a share of the rows, the others being 0. With r = 1 / share, mean = r m and variance
 * = r v + r (1 - r) m^2 of the mean m and variance v over all rows; at a share of 1 nothing is lost to rounding.
 */
function sharedNormalization(
  g: Graph,
  [x, scale, bias]: readonly [Value, Value, Value],
  share: Value,
  epsilon: number,
): readonly Value[] {
  const [, meanOfAll, varianceOfAll] = batchNormalization(g, x, scale, bias, epsilon);
  if (!meanOfAll || !varianceOfAll) throw new RangeError('normalisation in training has three results');
  const r = reciprocal(g, share);
  const mean = mul(g, meanOfAll, r);
  const excess = mul(g, mul(g, meanOfAll, meanOfAll), mul(g, r, sub(g, g.scalar(1), r)));
  const variance = relu(g, add(g, mul(g, varianceOfAll, r), excess));
  return [normalized(g, x, { slope: scale, shift: bias, mean, variance, epsilon }), mean, variance];
}

export const normalizationLowerings: LoweringRules<'BatchNormalizationGradient' | 'BatchNormalizationTraining'> = {
  BatchNormalizationTraining: ({ g, input, optionalInput, attributes: { epsilon } }) => {
    const [x, scale, bias, share] = [input(0), input(1), input(2), optionalInput(3)];
    return share
      ? sharedNormalization(g, [x, scale, bias], share, epsilon)
      : batchNormalization(g, x, scale, bias, epsilon);
  },
  // dx = scale / sd (dy - mean(dy) - xhat mean(dy xhat)), and -xhat mean(dy xhat) - mean(dy) is a normalisation of x. The
  // factor in front, and one that dy brings along, are left to the convolution before.
  BatchNormalizationGradient: ({ g, input, optionalInput, state, attributes: { epsilon } }) => {
    const { tensor: dy, scale: dyScale } = state.factors(input(0));
    const [x, scale, mean, variance] = [input(1), input(2), input(3), input(4)];
    const scaled = (value: Value): Value => (dyScale ? mul(g, value, dyScale) : value);
    const shape = staticShape('x', x.shape);
    const ofAll = g.scalar(-at(shape, 1) / elementCount(shape));
    const counted = optionalInput(5);
    const share = counted ? div(g, ofAll, counted) : ofAll;
    const inverseDeviation = reciprocal(g, sqrt(g, add(g, variance, g.scalar(epsilon))));
    const dbias = preciseSum(g, dy, [0, 2, 3]);
    const positions = elementCount(shape.slice(2));
    // Few values may lie close together and far from 0. With their mean taken out first, no digits are lost to it below.
    const centred = positions <= MULTIPLIED_POSITIONS;
    const [seen, seenMean] = centred ? [sub(g, x, perChannel(g, mean)), zeros(g, [at(shape, 1)])] : [x, mean];
    const dot = channelDot(g, dy, seen);
    const dscale = mul(g, inverseDeviation, centred ? dot : sub(g, dot, mul(g, mean, dbias)));
    const [slope, shift] = [mul(g, dscale, share), mul(g, dbias, share)];
    const normal = { slope, shift, mean: seenMean, variance, epsilon };
    const unscaled =
      positions <= NORMALIZED_POSITIONS
        ? add(g, dy, normalized(g, seen, normal))
        : addNormalized(g, dy, seen, normal, inverseDeviation);
    return [state.product(unscaled, scaled(mul(g, scale, inverseDeviation))), scaled(dscale), scaled(dbias)];
  },
};
