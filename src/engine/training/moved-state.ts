import type { Graph } from '../graph/graph.js';
import type { Value } from '../graph/node.js';
import { add, mul, reshape, sub } from '../graph/ops.js';
import { elementCount, staticShape } from '../graph/tensor.js';
import type { BufferUpdate, StateTensor } from '../nn/network.js';
import type { Pack } from './packs.js';
import { packed, sideBySide } from './packs.js';

/** SGD's momentum. */
const MOMENTUM = 0.9;

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
  /** New content of each input that a step changes. */
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
    if (pack) this.step('packed', pack.input, all, learningRate);
    for (const [tensor, gradient] of gradients) {
      if (tensor.value && !ofNorms.has(gradient)) this.step(tensor.name, tensor.value, () => gradient, learningRate);
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

  private step(scope: string, parameter: Value, gradientOf: () => Value, learningRate: Value): void {
    const { g } = this;
    const shape = staticShape(parameter.name, parameter.shape);
    // One axis: a product of a number with a tensor whose last axes are 1 takes the runtime six times as long.
    const velocity = g.input(`velocity/${parameter.name}`, 'float32', [elementCount(shape)]);
    this.velocities.push(velocity);
    g.during('optimizer', scope, () => {
      const gradient = gradientOf();
      const flat = gradient.shape.length === 1 ? gradient : reshape(g, gradient, [-1]);
      const moved = add(g, mul(g, velocity, g.scalar(MOMENTUM)), flat);
      const way = mul(g, moved, learningRate);
      this.updates.set(velocity, moved);
      this.updates.set(parameter, sub(g, parameter, shape.length === 1 ? way : reshape(g, way, shape)));
    });
  }
}
