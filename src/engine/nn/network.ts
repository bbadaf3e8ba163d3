import type { Graph } from '../graph/graph.js';
import type { Value } from '../graph/node.js';

/** A tensor of a network's state, as torchvision's `state_dict` names it. */
export interface StateTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly kind: 'parameter' | 'buffer';
  readonly trains: boolean;
  /** Its place in the graph; null for what the computation never reads (`num_batches_tracked`). */
  readonly value: Value | null;
}

/** A buffer that is part of the computation. */
export type MovingBuffer = StateTensor & { readonly value: Value };

/** What a training step makes of a buffer: (1 - momentum) old + momentum fresh. */
export interface BufferUpdate {
  readonly fresh: Value;
  readonly momentum: number;
}

/** Whether layers that drop values out do so: never in evaluation, nor where a step has to come out the same each time. */
export type Dropout = 'off' | 'on';

/** The batch cannot be trained on, as PyTorch would refuse it too. */
export class UntrainableError extends Error {
  readonly code = 'untrainable';
}

/**
 * A network being built into a graph: knows the module path, collects parameters and buffers under torchvision's
 * names, and, in training, the new values of buffers.
 */
export class Network {
  readonly state: StateTensor[] = [];
  /** Buffers that a training step moves. */
  readonly bufferUpdates = new Map<StateTensor, BufferUpdate>();
  private path = '';

  constructor(
    readonly g: Graph,
    readonly training: boolean,
    readonly dropout: Dropout = 'off',
  ) {}

  /** Builds a module `name` below the current one. */
  module<T>(name: string | number, build: () => T): T {
    const outer = this.path;
    this.path = outer === '' ? String(name) : `${outer}.${name}`;
    try {
      return this.g.within(String(name), build);
    } finally {
      this.path = outer;
    }
  }

  /** Builds in the current module, whenever it is called: for layers whose parameters exist before they are applied. */
  here(): <T>(build: () => T) => T {
    const { path } = this;
    return (build) => {
      const outer = this.path;
      this.path = path;
      try {
        return this.g.during('forward', path, build);
      } finally {
        this.path = outer;
      }
    };
  }

  parameter(name: string, shape: readonly number[], trains = true): Value {
    const value = this.g.input(this.nameOf(name), 'float32', shape);
    this.state.push({ name: value.name, shape, kind: 'parameter', trains, value });
    return value;
  }

  buffer(name: string, shape: readonly number[]): Value {
    return this.movingBuffer(name, shape).value;
  }

  /** A buffer with its place in the state, for who moves it. */
  movingBuffer(name: string, shape: readonly number[]): MovingBuffer {
    const value = this.g.input(this.nameOf(name), 'float32', shape);
    const tensor = { name: value.name, shape, kind: 'buffer', trains: false, value } as const;
    this.state.push(tensor);
    return tensor;
  }

  /** A buffer that belongs to the state but to no computation. */
  unusedBuffer(name: string, shape: readonly number[]): void {
    this.state.push({ name: this.nameOf(name), shape, kind: 'buffer', trains: false, value: null });
  }

  private nameOf(name: string): string {
    return this.path === '' ? name : `${this.path}.${name}`;
  }
}
