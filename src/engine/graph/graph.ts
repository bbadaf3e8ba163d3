import type { GraphNode, Phase, Value } from './node.js';
import type { OperatorName, Operators } from './operators.js';
import { inferShapes } from './shape-inference.js';
import type { ConstantTensor, DataType, Shape, TensorData } from './tensor.js';
import { at, DeferredTensor, fitting } from './tensor.js';

/**
 * A dataflow graph under construction. Nodes stand in an order in which they can be executed; names come from phase,
 * module and operator, so that equal constructions give equal graphs.
 */
export class Graph {
  readonly inputs: Value[] = [];
  readonly nodes: GraphNode[] = [];
  readonly constants = new Map<Value, ConstantTensor>();
  private readonly nameUses = new Map<string, number>();
  private readonly smallConstants = new Map<string, Value>();
  private scopePath = '';
  private currentPhase: Phase = 'forward';

  /** A tensor given at each run. */
  input(name: string, dataType: DataType, shape: Shape): Value {
    const value = { name: this.uniqueName(name), dataType, shape };
    this.inputs.push(value);
    return value;
  }

  /** A tensor known now. Equal small ones are kept once. */
  constant(dataType: DataType, shape: readonly number[], data: TensorData): Value {
    fitting(shape, data);
    const key = data.length <= 16 ? `${dataType}[${shape.join()}]${data.join()}` : null;
    const known = key === null ? undefined : this.smallConstants.get(key);
    if (known) return known;
    const value: Value = { name: this.uniqueName(`constant/${dataType}`), dataType, shape };
    this.constants.set(value, { dataType, shape, data });
    if (key !== null) this.smallConstants.set(key, value);
    return value;
  }

  /** A tensor that can be known now, but is so large that it is made only when it is asked for. */
  deferredConstant(dataType: DataType, shape: readonly number[], make: () => TensorData): Value {
    const value: Value = { name: this.uniqueName(`constant/${dataType}`), dataType, shape };
    this.constants.set(value, new DeferredTensor(dataType, shape, make));
    return value;
  }

  /** A float32 scalar. */
  scalar(value: number): Value {
    return this.constant('float32', [], Float32Array.of(value));
  }

  float32(values: readonly number[], shape: readonly number[] = [values.length]): Value {
    return this.constant('float32', shape, Float32Array.from(values));
  }

  int64(values: readonly number[], shape: readonly number[] = [values.length]): Value {
    return this.constant('int64', shape, BigInt64Array.from(values, BigInt));
  }

  /** Adds a node and returns its only, or first, output. */
  op<K extends OperatorName>(operator: K, inputs: readonly (Value | null)[], attributes: Operators[K]): Value {
    return at(this.ops(operator, inputs, attributes), 0);
  }

  /** Adds a node and returns all its outputs. */
  ops<K extends OperatorName>(
    operator: K,
    inputs: readonly (Value | null)[],
    attributes: Operators[K],
  ): readonly Value[] {
    const name = this.uniqueName([this.currentPhase, this.scopePath, operator].filter(Boolean).join('/'));
    const types = inferShapes(operator, inputs, attributes, name, (value) => this.constants.get(value)?.data);
    const outputs = types.map((type, index) => ({ name: index === 0 ? name : `${name}:${index}`, ...type }));
    const node: GraphNode<K> = {
      operator,
      name,
      phase: this.currentPhase,
      scope: this.scopePath,
      inputs,
      outputs,
      attributes,
    };
    this.nodes.push(node);
    return outputs;
  }

  /**
   * Makes inputs the results of nodes that stand before all others, instead of what each run is given.
   *
   * @param build adds those nodes, and returns what takes the place of each input, of its shape
   */
  computeInputs(inputs: readonly Value[], build: () => readonly Value[]): void {
    const behind = this.nodes.splice(0);
    const results = build();
    const replaced = new Map(inputs.map((input, index) => [at(results, index), input]));
    const front = this.nodes.splice(0).map((node) => ({
      ...node,
      outputs: node.outputs.map((output) => replaced.get(output) ?? output),
    }));
    this.nodes.push(...front, ...behind);
    const computed = new Set(inputs);
    this.inputs.splice(0, this.inputs.length, ...this.inputs.filter((input) => !computed.has(input)));
  }

  /** Adds, inside `build`, nodes of the module `path` below the current one. */
  within<T>(path: string, build: () => T): T {
    const outer = this.scopePath;
    this.scopePath = outer === '' ? path : `${outer}.${path}`;
    try {
      return build();
    } finally {
      this.scopePath = outer;
    }
  }

  /** Adds, inside `build`, nodes of another phase, in the module `scope` counted from the root. */
  during<T>(phase: Phase, scope: string, build: () => T): T {
    const outer = { phase: this.currentPhase, scope: this.scopePath };
    this.currentPhase = phase;
    this.scopePath = scope;
    try {
      return build();
    } finally {
      this.currentPhase = outer.phase;
      this.scopePath = outer.scope;
    }
  }

  private uniqueName(wanted: string): string {
    let uses = this.nameUses.get(wanted) ?? 0;
    let name = wanted;
    do {
      uses++;
      if (uses > 1) name = `${wanted}_${uses}`;
    } while (this.nameUses.has(name) && name !== wanted);
    this.nameUses.set(wanted, uses);
    if (name !== wanted) this.nameUses.set(name, 1);
    return name;
  }
}
