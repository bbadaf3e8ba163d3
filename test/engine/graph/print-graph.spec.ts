import { differentiate } from '../../../src/engine/autodiff/differentiate.js';
import { Graph } from '../../../src/engine/graph/graph.js';
import { reshape, softmax, transpose } from '../../../src/engine/graph/ops.js';
import { printGraph } from '../../../src/engine/graph/print-graph.js';
import { convNormActivation } from '../../../src/engine/nn/conv-norm.js';
import { conv2d } from '../../../src/engine/nn/layers.js';
import { crossEntropy, sumAll } from '../../../src/engine/nn/losses.js';
import { Network } from '../../../src/engine/nn/network.js';

/** A convolution, batch normalisation and activation, a classifier, its loss, and the gradients of all parameters. */
function smallNetwork(): Graph {
  const g = new Graph();
  const net = new Network(g, true);
  const images = g.input('images', 'float32', [2, 3, 8, 8]);
  const labels = g.input('labels', 'int64', [2, 16]);
  const features = net.module('stem', () =>
    convNormActivation(net, images, {
      outChannels: 4,
      kernel: 3,
      stride: 2,
      norm: { kind: 'live', epsilon: 0.001, momentum: 0.1 },
      activation: 'hard_swish',
    }),
  );
  const logits = net.module('head', () => conv2d(net, features, { outChannels: 5, kernel: 1, bias: true }));
  const losses = crossEntropy(g, reshape(g, transpose(g, logits, [0, 2, 3, 1]), [2, -1, 5]), labels);
  const parameters = net.state.flatMap(({ trains, value }) => (trains && value ? [value] : []));
  differentiate(g, sumAll(g, losses), parameters);
  return g;
}

describe('a printed graph', () => {
  test('shows forward pass and gradients, a line a node', () => {
    expect(printGraph(smallNetwork())).toMatchInlineSnapshot(`
      "input images: float32[2, 3, 8, 8]
      input labels: int64[2, 16]
      input stem.0.weight: float32[4, 3, 3, 3]
      input stem.1.weight: float32[4]
      input stem.1.bias: float32[4]
      input stem.1.running_mean: float32[4]
      input stem.1.running_var: float32[4]
      input head.weight: float32[5, 4, 1, 1]
      input head.bias: float32[5]
      forward/stem.0/Conv: float32[2, 4, 4, 4] = Conv(images, stem.0.weight) {strides: [2, 2], pads: [1, 1, 1, 1], dilations: [1, 1], group: 1}
      forward/stem.1/BatchNormalizationTraining: float32[2, 4, 4, 4], forward/stem.1/BatchNormalizationTraining:1: float32[4], forward/stem.1/BatchNormalizationTraining:2: float32[4] = BatchNormalizationTraining(forward/stem.0/Conv, stem.1.weight, stem.1.bias) {epsilon: 0.001}
      forward/stem.1/Mul: float32[4] = Mul(forward/stem.1/BatchNormalizationTraining:2, 1.032258)
      forward/stem/HardSwish: float32[2, 4, 4, 4] = HardSwish(forward/stem.1/BatchNormalizationTraining)
      forward/head/Conv: float32[2, 5, 4, 4] = Conv(forward/stem/HardSwish, head.weight, head.bias) {strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1], group: 1}
      forward/Transpose: float32[2, 4, 4, 5] = Transpose(forward/head/Conv) {perm: [0, 2, 3, 1]}
      forward/Reshape: float32[2, 16, 5] = Reshape(forward/Transpose, [2, -1, 5])
      forward/LogSoftmax: float32[2, 16, 5] = LogSoftmax(forward/Reshape) {axis: -1}
      forward/Reshape_2: int64[2, 16, 1] = Reshape(labels, [2, 16, 1])
      forward/GatherElements: float32[2, 16, 1] = GatherElements(forward/LogSoftmax, forward/Reshape_2) {axis: -1}
      forward/Reshape_3: float32[2, 16] = Reshape(forward/GatherElements, [2, 16])
      forward/Neg: float32[2, 16] = Neg(forward/Reshape_3)
      forward/ReduceSum: float32[] = ReduceSum(forward/Neg, [0, 1]) {keepdims: 0}
      backward/Reshape: float32[1, 1] = Reshape(1, [1, 1])
      backward/Expand: float32[2, 16] = Expand(backward/Reshape, [2, 16])
      backward/Neg: float32[2, 16] = Neg(backward/Expand)
      backward/Reshape_2: float32[2, 16, 1] = Reshape(backward/Neg, [2, 16, 1])
      backward/Expand_2: float32[2, 16, 5] = Expand(0, [2, 16, 5])
      backward/ScatterElements: float32[2, 16, 5] = ScatterElements(backward/Expand_2, forward/Reshape_2, backward/Reshape_2) {axis: -1, reduction: add}
      backward/Exp: float32[2, 16, 5] = Exp(forward/LogSoftmax)
      backward/ReduceSum: float32[2, 16, 1] = ReduceSum(backward/ScatterElements, [-1]) {keepdims: 1}
      backward/Mul: float32[2, 16, 5] = Mul(backward/Exp, backward/ReduceSum)
      backward/Sub: float32[2, 16, 5] = Sub(backward/ScatterElements, backward/Mul)
      backward/Reshape_3: float32[2, 4, 4, 5] = Reshape(backward/Sub, [2, 4, 4, 5])
      backward/Transpose: float32[2, 5, 4, 4] = Transpose(backward/Reshape_3) {perm: [0, 3, 1, 2]}
      backward/head/ConvInputGradient: float32[2, 4, 4, 4] = ConvInputGradient(backward/Transpose, head.weight) {strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1], group: 1, inputSize: [4, 4]}
      backward/head/ConvWeightGradient: float32[5, 4, 1, 1] = ConvWeightGradient(forward/stem/HardSwish, backward/Transpose) {strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1], group: 1, kernelSize: [1, 1]}
      backward/head/ReduceSum: float32[5] = ReduceSum(backward/Transpose, [0, 2, 3]) {keepdims: 0}
      backward/stem/HardSwishGradient: float32[2, 4, 4, 4] = HardSwishGradient(forward/stem.1/BatchNormalizationTraining, backward/head/ConvInputGradient)
      backward/stem.1/BatchNormalizationGradient: float32[2, 4, 4, 4], backward/stem.1/BatchNormalizationGradient:1: float32[4], backward/stem.1/BatchNormalizationGradient:2: float32[4] = BatchNormalizationGradient(backward/stem/HardSwishGradient, forward/stem.0/Conv, stem.1.weight, forward/stem.1/BatchNormalizationTraining:1, forward/stem.1/BatchNormalizationTraining:2) {epsilon: 0.001}
      backward/stem.0/ConvWeightGradient: float32[4, 3, 3, 3] = ConvWeightGradient(images, backward/stem.1/BatchNormalizationGradient) {strides: [2, 2], pads: [1, 1, 1, 1], dilations: [1, 1], group: 1, kernelSize: [3, 3]}"
    `);
  });

  test('shows several outputs, missing operands, small constants by content and large ones by name', () => {
    const g = new Graph();
    const x = g.input('x', 'float32', ['rows', 12]);
    const [values] = g.ops('TopK', [x, g.int64([3])], { axis: 1, largest: 1, sorted: 1 });
    if (!values) throw new Error('TopK has two outputs');
    g.op('Clip', [values, null, g.scalar(0.5)], {});
    g.op('Add', [x, g.float32(new Array<number>(12).fill(1))], {});
    softmax(g, values, -1);
    expect(printGraph(g)).toMatchInlineSnapshot(`
      "input x: float32[rows, 12]
      forward/TopK: float32[rows, 3], forward/TopK:1: int64[rows, 3] = TopK(x, [3]) {axis: 1, largest: 1, sorted: 1}
      forward/Clip: float32[rows, 3] = Clip(forward/TopK, none, 0.5)
      forward/Add: float32[rows, 12] = Add(x, constant/float32_2)
      forward/Softmax: float32[rows, 3] = Softmax(forward/TopK) {axis: -1}"
    `);
  });
});
