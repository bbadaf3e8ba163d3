import type { Graph } from '../graph/graph.js';
import type { Value } from '../graph/node.js';
import { add, matMul, reshape, transpose } from '../graph/ops.js';
import type { ConvAttributes } from '../graph/operators.js';
import { at, elementCount, staticShape } from '../graph/tensor.js';
import type { LoweringState } from './lowering-state.js';
import { cutOut, sizes4 } from './maps.js';
import { sumOverImages } from './sum-over-images.js';

/** Positions up to which one product over all images is worth bringing the channels to the front. */
const MERGED_POSITIONS = 100;

export function isPointwise([, , height, width]: readonly number[], { group, strides, pads }: ConvAttributes): boolean {
  return height === 1 && width === 1 && group === 1 && [...strides].every((s) => s === 1) && pads.every((p) => p === 0);
}

function asMatrix(g: Graph, weight: Value): Value {
  return reshape(g, weight, staticShape(weight.name, weight.shape).slice(0, 2));
}

/** `[N, C, H, W]` as `[N, C, H * W]`. */
function asRows(g: Graph, x: Value): Value {
  const [images = 0, channels = 0, ...size] = staticShape(x.name, x.shape);
  return reshape(g, x, [images, channels, elementCount(size)]);
}

/** `[Ci, Co]`: a product with it takes a tenth less time than one that transposes its operand by itself (bench/README.md). */
function transposed(g: Graph, state: LoweringState, weight: Value): Value {
  return state.inForm('transposed', weight, () => transpose(g, asMatrix(g, weight), [1, 0]));
}

/** A 1x1 convolution as a product of matrices: `[Co, Ci]` by `[N, Ci, H * W]`. */
export function pointwiseForward(g: Graph, x: Value, weight: Value, bias: Value | null): Value {
  const [images = 0, inChannels = 0, height = 0, width = 0] = staticShape(x.name, x.shape);
  const outChannels = at(staticShape(weight.name, weight.shape), 0);
  if (height * width === 1) {
    const product = g.op('FusedMatMul', [reshape(g, x, [images, inChannels]), asMatrix(g, weight)], {
      transA: 0,
      transB: 1,
      alpha: 1,
    });
    return reshape(g, bias ? add(g, product, bias) : product, [images, outChannels, 1, 1]);
  }
  // With a bias the runtime's convolution saves the pass that would add it.
  if (bias)
    return g.op('Conv', [x, weight, bias], { strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1], group: 1 });
  return reshape(g, matMul(g, asMatrix(g, weight), asRows(g, x)), [images, outChannels, height, width]);
}

export function pointwiseInputGradient(g: Graph, state: LoweringState, dy: Value, weight: Value): Value {
  const [images = 0, , height = 0, width = 0] = staticShape(dy.name, dy.shape);
  const inChannels = at(staticShape(weight.name, weight.shape), 1);
  const product =
    height * width === 1
      ? matMul(g, reshape(g, dy, [images, -1]), asMatrix(g, weight))
      : matMul(g, transposed(g, state, weight), asRows(g, dy));
  return reshape(g, product, [images, inChannels, height, width]);
}

/**
 * dx of a 1x1 convolution with stride 2: the product of its small map, and another with a matrix that puts a zero behind
 * each column and a row of zeros behind each row. An infinite gradient makes no numbers of its row and the next.
 *
 * @param inputSize `[height, width]` of dx
 */
export function spreadInputGradient(
  g: Graph,
  state: LoweringState,
  dy: Value,
  weight: Value,
  inputSize: readonly [number, number],
): Value {
  const [images, , height, width] = sizes4(dy);
  const inChannels = sizes4(weight)[1];
  const [, inWidth] = inputSize;
  const product = matMul(g, transposed(g, state, weight), asRows(g, dy));
  const places = new Float32Array(width * 2 * inWidth);
  for (let column = 0; column < width; column++) places[column * 2 * inWidth + 2 * column] = 1;
  const spread = matMul(
    g,
    reshape(g, product, [images * inChannels * height, width]),
    g.constant('float32', [width, 2 * inWidth], places),
  );
  const whole = reshape(g, spread, [images, inChannels, 2 * height, inWidth]);
  return cutOut(g, whole, [0, inputSize[0]], [0, inWidth]);
}

export function pointwiseWeightGradient(g: Graph, x: Value, dy: Value): Value {
  const [images = 0, inChannels = 0, height = 0, width = 0] = staticShape(x.name, x.shape);
  const outChannels = at(staticShape(dy.name, dy.shape), 1);
  const positions = height * width;
  const byRows = { transA: 0, transB: 1, alpha: 1 };
  if (positions > MERGED_POSITIONS) {
    const products = g.op('FusedMatMul', [asRows(g, dy), asRows(g, x)], byRows);
    return sumOverImages(g, products, [outChannels, inChannels, 1, 1]);
  }
  const channelsFirst = (value: Value, channels: number): Value =>
    reshape(g, transpose(g, asRows(g, value), [1, 0, 2]), [channels, images * positions]);
  const product = g.op('FusedMatMul', [channelsFirst(dy, outChannels), channelsFirst(x, inChannels)], byRows);
  return reshape(g, product, [outChannels, inChannels, 1, 1]);
}
