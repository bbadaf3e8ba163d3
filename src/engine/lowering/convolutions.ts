import type { Graph } from '../graph/graph.js';
import type { Value } from '../graph/node.js';
import { concat, conv, gather, reshape, slice, transpose } from '../graph/ops.js';
import type { ConvAttributes, Operators } from '../graph/operators.js';
import { at, elementCount, staticShape } from '../graph/tensor.js';
import {
  asDepthwise,
  depthwiseForward,
  depthwiseInputGradient,
  depthwiseWeightGradient,
  scaledFilter,
} from './depthwise.js';
import type { LoweringRules } from './lowering-rule.js';
import type { LoweringState } from './lowering-state.js';
import { isPointwise, pointwiseForward, pointwiseInputGradient, pointwiseWeightGradient } from './pointwise.js';
import { sumOverImages } from './sum-over-images.js';

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

function sizes4(value: Value): readonly [number, number, number, number] {
  const shape = staticShape(value.name, value.shape);
  return [at(shape, 0), at(shape, 1), at(shape, 2), at(shape, 3)];
}

/** The input that each tap of the kernel saw, `[N, C, Ho, Wo]`, in order of the taps. */
function tapInputs(
  g: Graph,
  x: Value,
  [kernelHeight, kernelWidth]: readonly [number, number],
  [outHeight, outWidth]: readonly [number, number],
  { strides, pads, dilations }: ConvAttributes,
): readonly Value[] {
  const padded = pads.some((size) => size > 0)
    ? g.op('Pad', [x, g.int64([0, 0, pads[0], pads[1], 0, 0, pads[2], pads[3]])], { mode: 'constant' })
    : x;
  const [, , height, width] = sizes4(padded);
  const taps: Value[] = [];
  for (let row = 0; row < kernelHeight; row++) {
    for (let column = 0; column < kernelWidth; column++) {
      const [top, left] = [row * dilations[0], column * dilations[1]];
      const [bottom, right] = [top + (outHeight - 1) * strides[0] + 1, left + (outWidth - 1) * strides[1] + 1];
      const whole = top === 0 && left === 0 && bottom === height && right === width && strides[0] * strides[1] === 1;
      taps.push(
        whole
          ? padded
          : g.op(
              'Slice',
              [padded, g.int64([top, left]), g.int64([bottom, right]), g.int64([2, 3]), g.int64([...strides])],
              {},
            ),
      );
    }
  }
  return taps;
}

/** dx by the general form: a convolution with the reversed kernel, or a transposed convolution where there are strides. */
function inputGradient(
  g: Graph,
  dy: Value,
  weight: Value,
  { inputSize, group, strides, pads, dilations }: Operators['ConvInputGradient'],
): Value {
  const [, , height, width] = sizes4(weight);
  const [bottom, right] = [dilations[0] * (height - 1), dilations[1] * (width - 1)];
  const backwardPads = [bottom - pads[0], right - pads[1], bottom - pads[2], right - pads[3]] as const;
  // A convolution padded beyond its kernel's reach would need negative padding here, which the runtime refuses.
  if (strides[0] === 1 && strides[1] === 1 && backwardPads.every((size) => size >= 0)) {
    return conv(g, dy, backwardKernel(g, weight, group), null, {
      ...UNIT_WINDOW,
      dilations,
      group,
      pads: backwardPads,
    });
  }
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

/** dweight by the general form: for each tap one product, over all positions, of dy with the input that the tap saw. */
function weightGradient(g: Graph, x: Value, dy: Value, attributes: Operators['ConvWeightGradient']): Value {
  const { group, kernelSize } = attributes;
  const [images, inChannels] = sizes4(x);
  const [, outChannels, outHeight, outWidth] = sizes4(dy);
  const positions = outHeight * outWidth;
  const dyRows = reshape(g, dy, [images, group, outChannels / group, positions]);
  const products = tapInputs(g, x, kernelSize, [outHeight, outWidth], attributes).map((seen) => {
    const rows = reshape(g, seen, [images, group, inChannels / group, positions]);
    const product = g.op('FusedMatMul', [dyRows, rows], { transA: 0, transB: 1, alpha: 1 });
    return sumOverImages(g, product, [outChannels, inChannels / group, 1]);
  });
  return reshape(g, concat(g, products, 2), [outChannels, inChannels / group, ...kernelSize]);
}

/**
 * The same without cutting columns out of rows: in the padded input, laid out as one row after the other, the input that a
 * tap saw is a single stretch, when dy gets rows as long, with zeros at their ends. Copying it is faster, and so are the
 * products; it pays on large maps.
 */
function stretchedWeightGradient(g: Graph, x: Value, dy: Value, attributes: Operators['ConvWeightGradient']): Value {
  const { group, kernelSize, pads, dilations } = attributes;
  const [images, inChannels, height, width] = sizes4(x);
  const [, outChannels, outHeight, outWidth] = sizes4(dy);
  const rowLength = width + pads[1] + pads[3];
  const length = outHeight * rowLength;
  const pad = (value: Value, [top, left, bottom, right]: ConvAttributes['pads']): Value =>
    g.op('Pad', [value, g.int64([0, 0, top, left, 0, 0, bottom, right])], { mode: 'constant' });
  // One row more than is padded: the last stretches begin inside a row and end as far inside another.
  const padded = pad(x, [pads[0], pads[1], pads[2] + 1, pads[3]]);
  const stretches = reshape(g, padded, [
    images,
    group,
    inChannels / group,
    (height + pads[0] + pads[2] + 1) * rowLength,
  ]);
  const rows = reshape(g, pad(dy, [0, 0, 0, rowLength - outWidth]), [images, group, outChannels / group, length]);
  const products: Value[] = [];
  for (let row = 0; row < kernelSize[0]; row++) {
    for (let column = 0; column < kernelSize[1]; column++) {
      const start = row * dilations[0] * rowLength + column * dilations[1];
      const seen = slice(g, stretches, 3, start, start + length);
      const product = g.op('FusedMatMul', [rows, seen], { transA: 0, transB: 1, alpha: 1 });
      products.push(sumOverImages(g, product, [outChannels, inChannels / group, 1]));
    }
  }
  return reshape(g, concat(g, products, 2), [outChannels, inChannels / group, ...kernelSize]);
}

/**
 * dweight of a convolution with few inputs a position, such as the first of a network: the inputs of all taps are laid
 * out by a convolution with one-hot kernels, and multiplied with dy at once.
 */
function fewInputsWeightGradient(g: Graph, x: Value, dy: Value, attributes: Operators['ConvWeightGradient']): Value {
  const { kernelSize, ...window } = attributes;
  const [images, inChannels] = sizes4(x);
  const [, outChannels, outHeight, outWidth] = sizes4(dy);
  const taps = inChannels * kernelSize[0] * kernelSize[1];
  const oneHot = new Float32Array(taps * taps);
  for (let tap = 0; tap < taps; tap++) oneHot[tap * taps + tap] = 1;
  const kernels = g.constant('float32', [taps, inChannels, ...kernelSize], oneHot);
  const columns = reshape(g, conv(g, x, kernels, null, window), [images, taps, outHeight * outWidth]);
  const rows = reshape(g, dy, [images, outChannels, outHeight * outWidth]);
  const products = g.op('FusedMatMul', [rows, columns], { transA: 0, transB: 1, alpha: 1 });
  return sumOverImages(g, products, [outChannels, inChannels, ...kernelSize]);
}

function unscaledWeightGradient(
  g: Graph,
  state: LoweringState,
  x: Value,
  dy: Value,
  attributes: Operators['ConvWeightGradient'],
): Value {
  const [, inChannels] = sizes4(x);
  const [, outChannels] = sizes4(dy);
  const { group, kernelSize } = attributes;
  const weightShape = [outChannels, inChannels / group, ...kernelSize];
  const depthwise = asDepthwise(state, weightShape, attributes);
  if (depthwise) return depthwiseWeightGradient(g, state, x, dy, depthwise);
  if (isPointwise(weightShape, attributes)) return pointwiseWeightGradient(g, x, dy);
  if (group === 1 && inChannels * kernelSize[0] * kernelSize[1] <= FEW_INPUTS) {
    return fewInputsWeightGradient(g, x, dy, attributes);
  }
  const isLarge = elementCount(sizes4(dy).slice(2)) >= MANY_POSITIONS;
  return isLarge && attributes.strides.every((stride) => stride === 1)
    ? stretchedWeightGradient(g, x, dy, attributes)
    : weightGradient(g, x, dy, attributes);
}

/** Positions of a map from which on stretches are faster than rows (bench/README.md). */
const MANY_POSITIONS = 4096;
/** Inputs of a position (channels times taps) up to which laying them out is cheaper than going tap by tap. */
const FEW_INPUTS = 64;

export const convLowerings: LoweringRules<'Conv' | 'ConvInputGradient' | 'ConvWeightGradient'> = {
  Conv: ({ g, input, optionalInput, state, attributes }) => {
    const [x, weight, bias] = [input(0), input(1), optionalInput(2)];
    if (state.options.constantWeights) return [conv(g, x, weight, bias, attributes)];
    const depthwise = bias ? null : asDepthwise(state, sizes4(weight), attributes);
    if (depthwise) return [depthwiseForward(g, state, x, weight, depthwise)];
    if (isPointwise(sizes4(weight), attributes)) return [pointwiseForward(g, x, weight, bias)];
    return [conv(g, x, weight, bias, attributes)];
  },
  // A scale that dy brings along goes to the weights, which are smaller.
  ConvInputGradient: ({ g, input, state, attributes }) => {
    const { tensor: dy, scale } = state.factors(input(0));
    const weight = scaledFilter(g, input(1), scale);
    const depthwise = asDepthwise(state, sizes4(weight), attributes);
    if (depthwise) return [depthwiseInputGradient(g, state, dy, weight, attributes.inputSize, depthwise)];
    if (isPointwise(sizes4(weight), attributes)) return [pointwiseInputGradient(g, dy, weight)];
    return [inputGradient(g, dy, weight, attributes)];
  },
  ConvWeightGradient: ({ g, input, state, attributes }) => {
    const x = input(0);
    const { tensor: dy, scale } = state.factors(input(1));
    return [scaledFilter(g, unscaledWeightGradient(g, state, x, dy, attributes), scale)];
  },
};
