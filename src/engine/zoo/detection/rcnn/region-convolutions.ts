import type { Value } from '../../../graph/node.js';
import { mul, relu, reshape } from '../../../graph/ops.js';
import { at, elementCount, staticShape } from '../../../graph/tensor.js';
import { convNormLayer } from '../../../nn/conv-norm.js';
import type { NormOptions } from '../../../nn/layers.js';
import { channelsOf } from '../../../nn/layers.js';
import type { Occupancy } from '../../../nn/occupancy.js';
import type { Network } from '../../../nn/network.js';

export interface RegionConvolutions {
  /** Channels that leave each convolution. */
  readonly channels: readonly number[];
  /** Live norm behind each, which then has no bias; null: none. */
  readonly norm: NormOptions | null;
}

/**
 * 3x3 convolutions `0`, `1`, ... of the features of each region, with norm and ReLU. In training norms see those regions
 * alone that are there: places left over hold zeros on their way into every convolution.
 *
 * @param features `[regions, C, side, side]`
 */
export function regionConvolutions(
  net: Network,
  features: Value,
  { channels, norm }: RegionConvolutions,
  occupancy: Occupancy | null,
): Value {
  const { g } = net;
  return channels.reduce(
    (x, outChannels, index) =>
      net.module(index, () => {
        const filtered = relu(g, convNormLayer(net, channelsOf(x), { outChannels, kernel: 3 }, norm, occupancy)(x));
        return norm && occupancy ? withoutEmpty(net, filtered, occupancy) : filtered;
      }),
    features,
  );
}

/** Zeros where a place is left over. */
function withoutEmpty({ g }: Network, x: Value, { occupied }: Occupancy): Value {
  const shape = staticShape(x.name, x.shape);
  // Two axes: products with a number a row take the runtime longer when more axes of 1 follow.
  const rows = reshape(g, x, [at(shape, 0), elementCount(shape.slice(1))]);
  return reshape(g, mul(g, rows, reshape(g, occupied, [at(shape, 0), 1])), shape);
}
