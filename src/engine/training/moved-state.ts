import { Dependencies } from '../graph/dependencies.js';
import type { Graph } from '../graph/graph.js';
import type { GraphNode, Value } from '../graph/node.js';
import { add, concat, mul, neg, reshape, slice } from '../graph/ops.js';
import { at, bytesPerElement, elementCount, staticShape } from '../graph/tensor.js';
import type { BufferUpdate, StateTensor } from '../nn/network.js';
import type { Pack } from './packs.js';
import { packed, sideBySide } from './packs.js';

/** SGD's momentum. */
const MOMENTUM = 0.9;
/**
 * Parameters from this size on are made to be replaceable in place, which takes four small nodes more: 94 % of what
 * ResNet-50's weights occupy, in half of its layers. A second copy of the others is not worth the nodes.
 */
const LARGE_BYTES = 2 ** 20;

/**
 * What a step moves, and to where.
 *
 * The runtime executes what the last output needs first, then what the one before it needs. So packs, which wait for the
 * whole pass, come before parameters that are moved alone, whose gradients are then computed, layer by layer, while the
 * tensors that they need are there; and only what other nodes of the pass compute anyway may wait in a pack.
 */
export class Moved {
  readonly packs: Pack[] = [];
  readonly velocities: Value[] = [];
  /** New content of each input that a step changes; not always in its shape. */
  readonly updates = new Map<Value, Value>();

  constructor(private readonly g: Graph) {}

  /** SGD: velocity = 0.9 velocity + gradient, parameter = parameter - learning rate * velocity. */
  byGradients(gradients: ReadonlyMap<StateTensor, Value>, learningRate: Value): void {
    const ofNorms = new Set(
      this.g.nodes
        .filter(({ operator }) => operator === 'BatchNormalizationGradient')
        .flatMap(({ outputs }) => outputs.slice(1)),
    );
    const packable = [...gradients].filter(([, gradient]) => ofNorms.has(gradient));
    const pack = this.pack(
      'parameters',
      packable.map(([tensor]) => tensor),
    );
    const all = (): Value =>
      sideBySide(
        this.g,
        packable.map(([, gradient]) => gradient),
      );
    // As seen before there are updates.
    const pass = new Dependencies(this.g);
    const descent = this.g.during('optimizer', '', () => neg(this.g, reshape(this.g, learningRate, [1])));
    if (pack) this.g.during('optimizer', 'packed', () => this.step(pack.input, all(), undefined, descent));
    for (const [{ name, value }, gradient] of gradients) {
      if (!value || ofNorms.has(gradient)) continue;
      // The runtime executes an update as soon as it can, before the input's gradient, which reads the old parameter.
      const late = isLarge(value) ? pass.notBefore(gradient, pass.readersOf(value)) : [];
      this.g.during('optimizer', name, () => {
        this.step(value, gradient, pass.makerOf(gradient), awaiting(this.g, descent, late));
      });
    }
  }

  /** Running means: (1 - momentum) old + momentum fresh. */
  towards(bufferUpdates: ReadonlyMap<StateTensor, BufferUpdate>): void {
    const { g } = this;
    for (const momentum of new Set([...bufferUpdates.values()].map((update) => update.momentum))) {
      const moving = [...bufferUpdates].filter(([, update]) => update.momentum === momentum);
      const pack = this.pack(
        'statistics',
        moving.map(([tensor]) => tensor),
      );
      if (!pack) continue;
      g.during('forward', 'statistics', () => {
        const fresh = sideBySide(
          g,
          moving.map(([, update]) => update.fresh),
        );
        const kept = mul(g, pack.input, g.scalar(1 - momentum));
        this.updates.set(pack.input, add(g, kept, mul(g, fresh, g.scalar(momentum))));
      });
    }
  }

  private pack(name: string, tensors: readonly StateTensor[]): Pack | null {
    if (tensors.length === 0) return null;
    const pack = this.g.during('optimizer', 'packed', () => packed(this.g, `packed/${name}`, tensors));
    this.packs.push(pack);
    return pack;
  }

  /**
   * @param maker of the gradient, where it is a node of the pass
   * @param descent -learning rate, `[1]`
   */
  private step(parameter: Value, gradient: Value, maker: GraphNode | undefined, descent: Value): void {
    const { g } = this;
    const shape = staticShape(parameter.name, parameter.shape);
    const product = maker && isProduct(maker) ? maker : null;
    // One axis: a product of a number with a tensor whose last axes are 1 takes the runtime six times as long.
    const velocity = g.input(`velocity/${parameter.name}`, 'float32', product ? shape : [elementCount(shape)]);
    this.velocities.push(velocity);
    const moved = product ? this.movedByProduct(velocity, product) : this.movedBy(velocity, gradient);
    this.updates.set(velocity, moved);
    this.updates.set(parameter, descended(g, parameter, moved, descent));
  }

  private movedBy(velocity: Value, gradient: Value): Value {
    const { g } = this;
    const flat = gradient.shape.length === 1 ? gradient : reshape(g, gradient, [-1]);
    return add(g, mul(g, velocity, g.scalar(MOMENTUM)), flat);
  }

  /**
   * Of a linear layer: the velocity is the summand of the gradient's own product of matrices, so that neither the gradient
   * nor the product with the momentum needs memory, 411 MB each for the first layer of VGG's classifier.
   */
  private movedByProduct(velocity: Value, { inputs, attributes, scope }: GraphNode<'FusedMatMul'>): Value {
    return this.g.during('backward', scope, () =>
      this.g.op('Gemm', [at(inputs, 0), at(inputs, 1), velocity], { ...attributes, beta: MOMENTUM }),
    );
  }
}

/** A product of two matrices. */
function isProduct(node: GraphNode): node is GraphNode<'FusedMatMul'> {
  return node.operator === 'FusedMatMul' && node.inputs.every((operand) => operand?.shape.length === 2);
}

/**
 * parameter + descent * velocity, `[1, 1, 1, elements]`: a convolution with a kernel of one number, and a summand. It
 * goes through memory once, in half the time of a product and a sum, and needs none besides.
 */
function descended(g: Graph, parameter: Value, velocity: Value, descent: Value): Value {
  const [x, summand] = [reshape(g, velocity, [1, 1, 1, -1]), reshape(g, parameter, [1, 1, 1, -1])];
  return g.op('FusedConv', [x, reshape(g, descent, [1, 1, 1, 1]), null, summand], {
    strides: [1, 1],
    pads: [0, 0, 0, 0],
    dilations: [1, 1],
    group: 1,
  });
}

/**
 * `value`, `[1]`, but not before the nodes are executed: nothing of their results is joined to it. Nothing rather than a
 * product with 0, which of an infinite number would be no number; and no runtime folds what depends on a batch.
 */
function awaiting(g: Graph, value: Value, nodes: readonly GraphNode[]): Value {
  const nothings = nodes.map(({ outputs }) => slice(g, reshape(g, at(outputs, 0), [-1]), 0, 0, 0));
  return concat(g, [value, ...nothings], 0);
}

function isLarge({ name, dataType, shape }: Value): boolean {
  return elementCount(staticShape(name, shape)) * bytesPerElement(dataType) >= LARGE_BYTES;
}
