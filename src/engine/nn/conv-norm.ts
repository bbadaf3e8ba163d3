import type { Value } from '../graph/node.js';
import { add, conv, div, mul, reshape, sqrt, sub } from '../graph/ops.js';
import type { Activation, ConvOptions, Layer, NormOptions } from './layers.js';
import { activate, batchNorm2d, batchNorm2dLayer, channelsOf, conv2d, conv2dLayer, windowOf } from './layers.js';
import type { Network } from './network.js';
import type { Occupancy } from './occupancy.js';

/** Names of a convolution and of the norm behind it, as children of the current module. */
export interface ConvNormNames {
  readonly conv: string | number;
  readonly norm: string | number;
}

/** `live`: torch.nn.BatchNorm2d; `frozen`: torchvision's FrozenBatchNorm2d, whose statistics and weights are buffers. */
export interface NormKind extends NormOptions {
  readonly kind: 'frozen' | 'live';
}

/** A convolution without bias and the batch norm behind it. */
export function convNorm(
  net: Network,
  x: Value,
  names: ConvNormNames,
  options: Omit<ConvOptions, 'bias'>,
  norm: NormKind,
): Value {
  if (norm.kind === 'frozen') return convFrozenNorm(net, x, names, options, norm.epsilon);
  const convolved = net.module(names.conv, () => conv2d(net, x, { ...options, bias: false }));
  return net.module(names.norm, () => batchNorm2d(net, convolved, norm, options.trains));
}

/**
 * A convolution `0` and the norm `1` behind it, or, without one, a convolution with bias; to be applied, once, later than
 * the parameters come in the state dictionary.
 *
 * @param occupancy as of batchNorm2dLayer
 */
export function convNormLayer(
  net: Network,
  inChannels: number,
  options: Omit<ConvOptions, 'bias'>,
  norm: NormOptions | null,
  occupancy: Occupancy | null = null,
): Layer {
  const convolution = net.module(0, () => conv2dLayer(net, inChannels, { ...options, bias: norm === null }));
  if (!norm) return convolution;
  const normalization = net.module(1, () =>
    batchNorm2dLayer(net, options.outChannels, norm, options.trains, occupancy),
  );
  return (x) => normalization(convolution(x));
}

/** torchvision's Conv2dNormActivation: convolution `0` without bias, norm `1`, activation. */
export function convNormActivation(
  net: Network,
  x: Value,
  {
    norm,
    activation,
    ...options
  }: Omit<ConvOptions, 'bias'> & { readonly norm: NormKind; readonly activation: Activation },
): Value {
  return activate(net.g, convNorm(net, x, { conv: 0, norm: 1 }, options, norm), activation);
}

/**
 * The norm's factor goes into the kernel and its shift becomes the bias, so that no pass over the map is needed for
 * either.
 */
function convFrozenNorm(
  net: Network,
  x: Value,
  names: ConvNormNames,
  options: Omit<ConvOptions, 'bias'>,
  epsilon: number,
): Value {
  const { g } = net;
  const { outChannels, kernel, groups = 1, trains = true } = options;
  const shape = [outChannels, channelsOf(x) / groups, kernel, kernel];
  const weight = net.module(names.conv, () => net.parameter('weight', shape, trains));
  const { scale, shift } = net.module(names.norm, () => frozenNorm(net, outChannels, epsilon));
  return net.module(names.conv, () => {
    // Two axes: products with a number a row take the runtime longer when more axes of 1 follow.
    const scaled = mul(g, reshape(g, weight, [outChannels, -1]), reshape(g, scale, [outChannels, 1]));
    return conv(g, x, reshape(g, scaled, shape), shift, windowOf({ ...options, bias: true }));
  });
}

/** scale = weight / sqrt(var + epsilon), shift = bias - mean scale */
function frozenNorm(net: Network, channels: number, epsilon: number): { readonly scale: Value; readonly shift: Value } {
  const { g } = net;
  const [weight, bias] = [net.buffer('weight', [channels]), net.buffer('bias', [channels])];
  const [mean, variance] = [net.buffer('running_mean', [channels]), net.buffer('running_var', [channels])];
  const scale = div(g, weight, sqrt(g, add(g, variance, g.scalar(epsilon))));
  return { scale, shift: sub(g, bias, mul(g, mean, scale)) };
}
