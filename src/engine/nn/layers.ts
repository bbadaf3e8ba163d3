import type { Graph } from '../graph/graph.js';
import type { Value } from '../graph/node.js';
import { add, clip, conv, div, dropOut, hardSigmoid, hardSwish, mul, reduceMean, relu, sub } from '../graph/ops.js';
import type { ConvAttributes } from '../graph/operators.js';
import { at, elementCount, staticShape } from '../graph/tensor.js';
import type { Network } from './network.js';
import { UntrainableError } from './network.js';
import type { Occupancy } from './occupancy.js';

export interface ConvOptions {
  readonly outChannels: number;
  readonly kernel: number;
  readonly stride?: number;
  readonly dilation?: number;
  /** Zeros on each side; by default as many as let stride 1 keep the size. */
  readonly pad?: number;
  readonly groups?: number;
  readonly bias: boolean;
  readonly trains?: boolean;
}

export interface NormOptions {
  readonly epsilon: number;
  /** Share of the batch in the new running statistics, as in PyTorch. */
  readonly momentum: number;
}

export type Activation = 'hard_swish' | 'none' | 'relu' | 'relu6';

/** A layer whose parameters exist: what it makes of an input. */
export type Layer = (x: Value) => Value;

/** torch.nn.Conv2d. */
export function conv2d(net: Network, x: Value, options: ConvOptions): Value {
  return conv2dLayer(net, channelsOf(x), options)(x);
}

/** torch.nn.Conv2d to be applied to several inputs, or later than the parameters come in the state dictionary. */
export function conv2dLayer(net: Network, inChannels: number, options: ConvOptions): Layer {
  const { outChannels, kernel, groups = 1, trains = true } = options;
  const weight = net.parameter('weight', [outChannels, inChannels / groups, kernel, kernel], trains);
  const bias = options.bias ? net.parameter('bias', [outChannels], trains) : null;
  const here = net.here();
  return (x) => here(() => conv(net.g, x, weight, bias, windowOf(options)));
}

export function windowOf(options: ConvOptions): ConvAttributes {
  const { kernel, stride = 1, dilation = 1, groups = 1 } = options;
  const { pad = Math.floor((kernel - 1) / 2) * dilation } = options;
  return { strides: [stride, stride], pads: [pad, pad, pad, pad], dilations: [dilation, dilation], group: groups };
}

/** torch.nn.ConvTranspose2d without padding, with bias. */
export function convTranspose2d(
  net: Network,
  x: Value,
  { outChannels, kernel, stride }: { readonly outChannels: number; readonly kernel: number; readonly stride: number },
): Value {
  const weight = net.parameter('weight', [channelsOf(x), outChannels, kernel, kernel]);
  const bias = net.parameter('bias', [outChannels]);
  return net.g.op('ConvTranspose', [x, weight, bias], {
    strides: [stride, stride],
    pads: [0, 0, 0, 0],
    dilations: [1, 1],
    group: 1,
    output_padding: [0, 0],
  });
}

export interface PoolOptions {
  readonly kernel: number;
  readonly stride: number;
  readonly pad: number;
  /** Whether what is left at the ends, too little for a window, gets one too. */
  readonly ceilMode?: boolean;
}

/** torch.nn.MaxPool2d. */
export function maxPool2d(g: Graph, x: Value, options: PoolOptions): Value {
  const { kernel, stride, pad } = options;
  const [, , height = 0, width = 0] = staticShape(x.name, x.shape);
  return g.op('MaxPool', [x], {
    kernel_shape: [kernel, kernel],
    strides: [stride, stride],
    pads: [pad, pad, endPad(height, options), endPad(width, options)],
    dilations: [1, 1],
  });
}

/** Padding behind an axis. `ceilMode` is but more of it, for a further window if that begins before the padding. */
function endPad(size: number, { kernel, stride, pad, ceilMode = false }: PoolOptions): number {
  if (!ceilMode) return pad;
  const lastStart =
    stride * Math.min(Math.ceil((size + 2 * pad - kernel) / stride), Math.ceil((size + pad) / stride) - 1);
  return Math.max(pad, lastStart + kernel - size - pad);
}

/** torch.nn.Linear: `[..., in]` to `[..., out]`. */
export function linear(net: Network, x: Value, outFeatures: number): Value {
  const weight = net.parameter('weight', [outFeatures, at(staticShape(x.name, x.shape), -1)]);
  const bias = net.parameter('bias', [outFeatures]);
  return add(net.g, net.g.op('FusedMatMul', [x, weight], { transA: 0, transB: 1, alpha: 1 }), bias);
}

/**
 * torch.nn.BatchNorm2d with live statistics: those of the batch in training, which also move the running ones
 * (with the unbiased variance), and the running ones in evaluation.
 *
 * @throws UntrainableError in training when a channel has a single value, whose variance is 0.
 */
export function batchNorm2d(net: Network, x: Value, norm: NormOptions, trains = true): Value {
  return batchNorm2dLayer(net, channelsOf(x), norm, trains)(x);
}

/**
 * torch.nn.BatchNorm2d to be applied, once, later than its parameters come in the state dictionary.
 *
 * @param occupancy of the inputs in training; null: all rows count
 */
export function batchNorm2dLayer(
  net: Network,
  channels: number,
  { epsilon, momentum }: NormOptions,
  trains = true,
  occupancy: Occupancy | null = null,
): Layer {
  const { g } = net;
  const scale = net.parameter('weight', [channels], trains);
  const bias = net.parameter('bias', [channels], trains);
  const runningMean = net.movingBuffer('running_mean', [channels]);
  const runningVariance = net.movingBuffer('running_var', [channels]);
  net.unusedBuffer('num_batches_tracked', []);
  const here = net.here();
  if (!net.training) {
    const attributes = { epsilon, momentum: 1 - momentum, training_mode: 0 };
    const statistics = [runningMean.value, runningVariance.value];
    return (x) => here(() => g.op('BatchNormalization', [x, scale, bias, ...statistics], attributes));
  }
  return (x) =>
    here(() => {
      const count = valuesOfChannel(x);
      const inputs = [x, scale, bias, ...(occupancy ? [occupancy.share] : [])];
      const outputs = g.ops('BatchNormalizationTraining', inputs, { epsilon });
      const [mean, variance] = [at(outputs, 1), at(outputs, 2)];
      net.bufferUpdates.set(runningMean, { fresh: mean, momentum });
      net.bufferUpdates.set(runningVariance, { fresh: mul(g, variance, ofSample(g, count, occupancy)), momentum });
      return at(outputs, 0);
    });
}

/** torch.nn.GroupNorm to be applied to several inputs, or later than its parameters come in the state dictionary. */
export function groupNormLayer(
  net: Network,
  channels: number,
  options: { readonly groups: number; readonly epsilon: number },
): Layer {
  const [scale, bias] = [net.parameter('weight', [channels]), net.parameter('bias', [channels])];
  const here = net.here();
  return (x) => here(() => net.g.op('GroupNormalization', [x, scale, bias], options));
}

/** @throws UntrainableError where there is but one */
function valuesOfChannel(x: Value): number {
  const shape = staticShape('the input', x.shape);
  const count = elementCount(shape) / channelsOf(x);
  if (count > 1) return count;
  throw new UntrainableError(
    `batch normalisation over [${shape.join(', ')}] has a single value a channel, whose variance is 0: ` +
      'training needs a batch of at least 2 images',
  );
}

/** n / (n - 1), where n of a channel's `values` count: makes the variance of a population that of a sample. */
function ofSample(g: Graph, values: number, occupancy: Occupancy | null): Value {
  if (!occupancy) return g.scalar(values / (values - 1));
  const counted = mul(g, occupancy.share, g.scalar(values));
  return div(g, counted, sub(g, counted, g.scalar(1)));
}

export function activate(g: Graph, x: Value, activation: Activation): Value {
  switch (activation) {
    case 'hard_swish':
      return hardSwish(g, x);
    case 'relu':
      return relu(g, x);
    case 'relu6':
      return clip(g, x, 0, 6);
    case 'none':
      return x;
  }
}

/** torch.nn.Dropout; of a network built without dropout, x. @param rate share of x that is dropped */
export function dropout(net: Network, x: Value, rate: number): Value {
  return net.dropout === 'on' ? dropOut(net.g, x, rate) : x;
}

/** torchvision's SqueezeExcitation with hard sigmoid: channels scaled by a small network of their means. */
export function squeezeExcitation(net: Network, x: Value, squeezeChannels: number, trains = true): Value {
  const { g } = net;
  const channels = channelsOf(x);
  const means = reduceMean(g, x, [2, 3], true);
  const squeezed = net.module('fc1', () =>
    conv2d(net, means, { outChannels: squeezeChannels, kernel: 1, bias: true, trains }),
  );
  const scale = net.module('fc2', () =>
    conv2d(net, relu(g, squeezed), { outChannels: channels, kernel: 1, bias: true, trains }),
  );
  return mul(g, x, hardSigmoid(g, scale));
}

export function channelsOf(x: Value): number {
  return at(staticShape(x.name, x.shape), 1);
}
