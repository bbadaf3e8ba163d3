import type { Graph } from '../graph/graph.js';
import type { Value } from '../graph/node.js';
import { add, expand, mul, neg, reciprocal, reduceMean, reduceSum, reshape, sqrt, sub } from '../graph/ops.js';
import { elementCount, staticShape } from '../graph/tensor.js';
import type { LoweringRules } from './lowering-rule.js';

/** Sizes of a map whose channels are in groups. */
interface Grouping {
  readonly images: number;
  readonly channels: number;
  readonly groups: number;
  /** Channels of a group. */
  readonly members: number;
  readonly height: number;
  readonly width: number;
}

function groupingOf(x: Value, groups: number): Grouping {
  const [images = 0, channels = 0, height = 0, width = 0] = staticShape(x.name, x.shape);
  return { images, channels, groups, members: channels / groups, height, width };
}

/** Sums of products of two tensors along each of `rows` rows: `[rows]`, without writing the products. */
function rowDots(g: Graph, a: Value, b: Value, rows: number, alpha = 1): Value {
  const shape = [rows, 1, elementCount(staticShape(a.name, a.shape)) / rows];
  const dots = g.op('FusedMatMul', [reshape(g, a, shape), reshape(g, b, shape)], { transA: 0, transB: 1, alpha });
  return reshape(g, dots, [rows]);
}

/**
 * factor * x + shift (+ summand) with one number a channel of each image, `[N * C]`: a depthwise 1x1 convolution over the
 * channels of all images, in one pass over memory.
 */
function perImageAndChannel(
  g: Graph,
  x: Value,
  { images, channels, height, width }: Grouping,
  { factor, shift, summand }: { readonly factor: Value; readonly shift: Value; readonly summand: Value | null },
): Value {
  const all = images * channels;
  const joined = (value: Value): Value => (images === 1 ? value : reshape(g, value, [1, all, height, width]));
  const window = { strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1], group: all } as const;
  const weight = reshape(g, factor, [all, 1, 1, 1]);
  const result = summand
    ? g.op('FusedConv', [joined(x), weight, shift, joined(summand)], window)
    : g.op('Conv', [joined(x), weight, shift], window);
  return images === 1 ? result : reshape(g, result, [images, channels, height, width]);
}

export const groupNormalizationLowerings: LoweringRules<'GroupNormalization' | 'GroupNormalizationGradient'> = {
  // The variance is that of the centred values: as the mean of squares less the square of the mean it would lose digits.
  GroupNormalization: ({ g, input, attributes: { groups, epsilon } }) => {
    const [x, scale, bias] = [input(0), input(1), input(2)];
    const grouping = groupingOf(x, groups);
    const { images, channels, members, height, width } = grouping;
    const rows = reshape(g, x, [images * groups, members * height * width]);
    const centredRows = sub(g, rows, reduceMean(g, rows, [1], true));
    const variance = rowDots(g, centredRows, centredRows, images * groups, 1 / (members * height * width));
    const inverseDeviation = reciprocal(g, sqrt(g, add(g, variance, g.scalar(epsilon))));
    const factor = mul(g, reshape(g, inverseDeviation, [images, groups, 1]), reshape(g, scale, [1, groups, members]));
    const centred = reshape(g, centredRows, [images, channels, height, width]);
    const y = perImageAndChannel(g, centred, grouping, {
      factor,
      shift: images === 1 ? bias : reshape(g, expand(g, bias, [images, channels]), [images * channels]),
      summand: null,
    });
    return [y, centred, reshape(g, inverseDeviation, [images, groups])];
  },
  // With v = 1 / sd:  dx = v scale dy - v^3 centred sum(scale dy centred) / n - v sum(scale dy) / n
  GroupNormalizationGradient: ({ g, input, attributes: { groups } }) => {
    const [dy, centred, scale, inverseDeviation] = [input(0), input(1), input(2), input(3)];
    const grouping = groupingOf(dy, groups);
    const { images, channels, members, height, width } = grouping;
    const all = images * channels;
    const byGroup = (value: Value): Value => reshape(g, value, [images, groups, members]);
    const perGroup = reshape(g, inverseDeviation, [images, groups, 1]);
    const sums = byGroup(reduceSum(g, reshape(g, dy, [all, height * width]), [1]));
    const dots = byGroup(rowDots(g, dy, centred, all));
    const scales = reshape(g, scale, [1, groups, members]);
    const share = g.scalar(1 / (members * height * width));
    const groupMean = (value: Value): Value => mul(g, reduceSum(g, mul(g, value, scales), [2], true), share);
    const spread = (value: Value): Value => reshape(g, expand(g, value, [images, groups, members]), [all]);
    const cubed = mul(g, perGroup, mul(g, perGroup, perGroup));
    const dx = perImageAndChannel(g, centred, grouping, {
      factor: spread(neg(g, mul(g, cubed, groupMean(dots)))),
      shift: spread(neg(g, mul(g, perGroup, groupMean(sums)))),
      summand: mul(g, dy, reshape(g, mul(g, perGroup, scales), [images, channels, 1, 1])),
    });
    const overImages = (value: Value): Value => reshape(g, reduceSum(g, value, [0]), [channels]);
    return [dx, overImages(mul(g, dots, perGroup)), overImages(sums)];
  },
};
