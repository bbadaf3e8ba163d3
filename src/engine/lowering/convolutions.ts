import type { Graph } from '../graph/graph.js';
import type { Value } from '../graph/node.js';
import { add, conv, gather, perChannel, reshape, transpose } from '../graph/ops.js';
import type { Operators } from '../graph/operators.js';
import { convOutputSize } from '../graph/shape-rules/layers.js';
import { blockedForward, blockedInputGradient } from './blocked.js';
import {
  asDepthwise,
  depthwiseForward,
  depthwiseInputGradient,
  depthwiseWeightGradient,
  scaledFilter,
} from './depthwise.js';
import type { LoweringRules } from './lowering-rule.js';
import type { LoweringState } from './lowering-state.js';
import { sizes4 } from './maps.js';
import { dilatedOverlaps, overlapsForward, overlapsInputGradient } from './overlaps.js';
import { phasesInputGradient } from './phases.js';
import {
  isPointwise,
  pointwiseForward,
  pointwiseInputGradient,
  pointwiseWeightGradient,
  spreadInputGradient,
} from './pointwise.js';
import { denseWeightGradient } from './weight-gradients.js';

const UNIT_WINDOW = { strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1] } as const;

/** `[Co, Ci / group, kh, kw]` to the kernel that carries dy back: taps reversed, channels swapped within each group. */
function backwardKernel(g: Graph, weight: Value, group: number): Value {
  const [outChannels, inPerGroup, height, width] = sizes4(weight);
  const taps = height * width;
  const reversed = Array.from({ length: taps }, (_, tap) => taps - 1 - tap);
  const grouped = reshape(g, weight, [group, outChannels / group, inPerGroup, taps]);
  const flipped = taps === 1 ? grouped : gather(g, grouped, g.int64(reversed), 3);
  return reshape(g, transpose(g, flipped, [0, 2, 1, 3]), [group * inPerGroup, outChannels / group, height, width]);
}

/** dx by the general form: a convolution with the reversed kernel, or a transposed convolution where there are strides. */
function inputGradient(
  g: Graph,
  state: LoweringState,
  dy: Value,
  weight: Value,
  attributes: Operators['ConvInputGradient'],
): Value {
  const { inputSize, group, strides, pads, dilations } = attributes;
  const [, , height, width] = sizes4(weight);
  const [bottom, right] = [dilations[0] * (height - 1), dilations[1] * (width - 1)];
  const backwardPads = [bottom - pads[0], right - pads[1], bottom - pads[2], right - pads[3]] as const;
  // A convolution padded beyond its kernel's reach would need negative padding here, which the runtime refuses.
  if (strides[0] === 1 && strides[1] === 1 && backwardPads.every((size) => size >= 0)) {
    const window = { ...UNIT_WINDOW, dilations, group, pads: backwardPads };
    return (
      blockedInputGradient(g, state, dy, weight, window) ?? conv(g, dy, backwardKernel(g, weight, group), null, window)
    );
  }
  const isByTwo = strides.every((stride) => stride === 2);
  if (isByTwo && group === 1 && height * width === 1 && pads.every((size) => size === 0)) {
    return spreadInputGradient(g, state, dy, weight, inputSize);
  }
  const byPhases = phasesInputGradient(g, state, dy, weight, attributes);
  if (byPhases) return byPhases;
  const [, , dyHeight, dyWidth] = sizes4(dy);
  const reach = (size: number, stride: number, dilation: number, kernel: number, begin: number, end: number): number =>
    stride * (size - 1) + dilation * (kernel - 1) + 1 - begin - end;
  return g.op('ConvTranspose', [dy, weight], {
    strides,
    pads,
    dilations,
    group,
    output_padding: [
      inputSize[0] - reach(dyHeight, strides[0], dilations[0], height, pads[0], pads[2]),
      inputSize[1] - reach(dyWidth, strides[1], dilations[1], width, pads[1], pads[3]),
    ],
  });
}

function unscaledWeightGradient(
  g: Graph,
  state: LoweringState,
  x: Value,
  dy: Value,
  attributes: Operators['ConvWeightGradient'],
): Value {
  const { group, kernelSize } = attributes;
  const weightShape = [sizes4(dy)[1], sizes4(x)[1] / group, ...kernelSize];
  const depthwise = asDepthwise(state, weightShape, attributes);
  if (depthwise) return depthwiseWeightGradient(g, state, x, dy, depthwise);
  return isPointwise(weightShape, attributes)
    ? pointwiseWeightGradient(g, x, dy)
    : denseWeightGradient(g, x, dy, attributes);
}

/** Share of a dilated convolution's products with the map below which the others are worth leaving out (bench/README.md). */
const OVERLAPPING_SHARE = 0.7;

export const convLowerings: LoweringRules<'Conv' | 'ConvInputGradient' | 'ConvWeightGradient'> = {
  Conv: ({ g, input, optionalInput, state, attributes }) => {
    const [x, weight, bias] = [input(0), input(1), optionalInput(2)];
    const [, , ...kernelSize] = sizes4(weight);
    const [, , ...inputSize] = sizes4(x);
    const outputSize = convOutputSize(inputSize, kernelSize, attributes);
    const overlaps = dilatedOverlaps(inputSize, outputSize, kernelSize, attributes);
    if (overlaps && overlaps.share <= OVERLAPPING_SHARE) {
      const y = overlapsForward(g, x, weight, outputSize, overlaps);
      return [bias ? add(g, y, perChannel(g, bias)) : y];
    }
    if (state.options.constantWeights) return [conv(g, x, weight, bias, attributes)];
    const depthwise = asDepthwise(state, sizes4(weight), attributes);
    if (depthwise) return [depthwiseForward(g, state, x, [weight, bias], depthwise)];
    if (isPointwise(sizes4(weight), attributes)) return [pointwiseForward(g, x, weight, bias)];
    return [blockedForward(g, state, x, weight, bias, attributes) ?? conv(g, x, weight, bias, attributes)];
  },
  // A scale that dy brings along goes to the weights, which are smaller.
  ConvInputGradient: ({ g, input, state, attributes }) => {
    const { tensor: dy, scale } = state.factors(input(0));
    const weight = scaledFilter(g, input(1), scale);
    const depthwise = asDepthwise(state, sizes4(weight), attributes);
    if (depthwise) return [depthwiseInputGradient(g, state, dy, weight, attributes.inputSize, depthwise)];
    if (isPointwise(sizes4(weight), attributes)) return [pointwiseInputGradient(g, state, dy, weight)];
    const [[, , ...outputSize], [, , ...kernelSize]] = [sizes4(dy), sizes4(weight)];
    const overlaps = dilatedOverlaps(attributes.inputSize, outputSize, kernelSize, attributes);
    return overlaps && overlaps.share <= OVERLAPPING_SHARE
      ? [overlapsInputGradient(g, dy, weight, attributes.inputSize, overlaps)]
      : [inputGradient(g, state, dy, weight, attributes)];
  },
  ConvWeightGradient: ({ g, input, state, attributes }) => {
    const x = input(0);
    const { tensor: dy, scale } = state.factors(input(1));
    return [scaledFilter(g, unscaledWeightGradient(g, state, x, dy, attributes), scale)];
  },
};
