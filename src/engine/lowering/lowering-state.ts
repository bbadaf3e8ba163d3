import type { Graph } from '../graph/graph.js';
import type { Value } from '../graph/node.js';
import { mul } from '../graph/ops.js';
import { at, staticShape } from '../graph/tensor.js';

/** A tensor as a product that has not been multiplied out: of a large tensor and few numbers. */
export interface Factors {
  readonly tensor: Value;
  /** One number, or one a channel: `[]` or `[C]`; null: none. */
  readonly scale: Value | null;
}

type Form = 'blocked' | 'forwardFilter' | 'backwardFilter' | 'inputsLast' | 'transposed';

export interface LoweringOptions {
  /**
   * Whether weights are constant in the model. The runtime then fuses convolutions with what follows them and lays them
   * out by itself; where weights change from run to run, this has to be done here.
   */
  readonly constantWeights: boolean;
  /** Channels of a block of the runtime's blocked layout; null: not to be used. */
  readonly channelBlock: number | null;
}

/**
 * What lowering remembers from node to node, so that a later node can use what an earlier one has made, or avoid what it
 * would have to make.
 */
export class LoweringState {
  private readonly products = new Map<Value, Factors>();
  private readonly forms: Readonly<Record<Form, Map<Value, Value>>> = {
    blocked: new Map(),
    forwardFilter: new Map(),
    backwardFilter: new Map(),
    inputsLast: new Map(),
    transposed: new Map(),
  };
  private readonly constants = new Map<string, Value>();

  constructor(
    private readonly g: Graph,
    readonly options: LoweringOptions,
  ) {}

  /**
   * tensor * scale, remembered as a product: who can apply the scale to something smaller takes the factors, and the
   * large product is then never computed.
   */
  product(tensor: Value, scale: Value): Value {
    const { g } = this;
    const broadcast = scale.shape.length === 0 ? scale : g.op('Reshape', [scale, g.int64([1, -1, 1, 1])], {});
    const product = mul(g, tensor, broadcast);
    this.products.set(product, { tensor, scale });
    return product;
  }

  factors(value: Value): Factors {
    return this.products.get(value) ?? { tensor: value, scale: null };
  }

  /** `[N, C, H, W]` in blocked channels, C padded to whole blocks. */
  blocked(x: Value, channelBlock: number): Value {
    return this.inForm('blocked', x, () => {
      const channels = at(staticShape(x.name, x.shape), 1);
      return this.g.op('ReorderInput', [x], { $paddedChannels: paddedTo(channelBlock, channels) });
    });
  }

  /** A constant that is needed more than once, and too large to be made for each. */
  sharedConstant(key: string, make: () => Value): Value {
    const known = this.constants.get(key);
    if (known) return known;
    const made = make();
    this.constants.set(key, made);
    return made;
  }

  /** A value in another memory order, made once for all who need it: heads use their weights on each of several maps. */
  inForm(form: Form, value: Value, make: () => Value): Value {
    const known = this.forms[form].get(value);
    if (known) return known;
    const made = make();
    this.forms[form].set(value, made);
    return made;
  }
}

/** The next multiple of `block`. */
export function paddedTo(block: number, channels: number): number {
  return Math.ceil(channels / block) * block;
}
