import type { GraphNode, Phase, Value } from './node.js';
import type { OperatorName, Operators } from './operators.js';
import { inferShapes } from './shape-inference.js';
import type { ConstantTensor, DataType, Shape, TensorData } from './tensor.js';
import { at, DeferredTensor, elementCount, fitting, WholeNumbers } from './tensor.js';

/** Constants of no more are looked up by their content, so that equal ones are one. */
const SMALL_ELEMENTS = 16;

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
  /** Of names of nodes in the current phase and module. */
  private namePrefix = 'forward/';

  /** A tensor given at each run. */
  input(name: string, dataType: DataType, shape: Shape): Value {
    const value = { name: this.uniqueName(name), dataType, shape };
    this.inputs.push(value);
    return value;
  }

  /** A tensor known now. Equal small ones are kept once. */
  constant(dataType: DataType, shape: readonly number[], data: TensorData): Value {
    return this.shared(dataType, shape, fitting(shape, data), () => ({ dataType, shape, data }));
  }

  /** A tensor that can be known now, but is made, unless it is small, only when it is asked for. */
  deferredConstant(dataType: DataType, shape: readonly number[], make: () => TensorData): Value {
    return elementCount(shape) <= SMALL_ELEMENTS
      ? this.constant(dataType, shape, make())
      : this.added(dataType, shape, new DeferredTensor(dataType, shape, make));
  }

  /** A float32 scalar. */
  scalar(value: number): Value {
    return this.constant('float32', [], Float32Array.of(value));
  }

  float32(values: readonly number[], shape: readonly number[] = [values.length]): Value {
    return this.constant('float32', shape, Float32Array.from(values));
  }

  int64(values: readonly number[], shape: readonly number[] = [values.length]): Value {
    return this.shared('int64', shape, fitting(shape, values), () => new WholeNumbers(shape, values));
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
    const name = this.uniqueName(this.namePrefix + operator);
    const types = inferShapes(operator, inputs, attributes, name, this.constants);
    const outputs = types.map(({ dataType, shape }, index) => ({
      name: index === 0 ? name : `${name}:${index}`,
      dataType,
      shape,
    }));
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
    return this.during(this.currentPhase, this.scopePath === '' ? path : `${this.scopePath}.${path}`, build);
  }

  /** Adds, inside `build`, nodes of another phase, in the module `scope` counted from the root. */
  during<T>(phase: Phase, scope: string, build: () => T): T {
    const [outerPhase, outerScope, outerPrefix] = [this.currentPhase, this.scopePath, this.namePrefix];
    this.currentPhase = phase;
    this.scopePath = scope;
    this.namePrefix = scope === '' ? `${phase}/` : `${phase}/${scope}/`;
    try {
      return build();
    } finally {
      this.currentPhase = outerPhase;
      this.scopePath = outerScope;
      this.namePrefix = outerPrefix;
    }
  }

  /** @param elements of the tensor, by which equal small ones are known */
  private shared(
    dataType: DataType,
    shape: readonly number[],
    elements: TensorData | readonly number[],
    make: () => ConstantTensor,
  ): Value {
    if (elements.length > SMALL_ELEMENTS) return this.added(dataType, shape, make());
    const key = `${dataType}[${shape.join()}]${elements.join()}`;
    const known = this.smallConstants.get(key);
    if (known) return known;
    const value = this.added(dataType, shape, make());
    this.smallConstants.set(key, value);
    return value;
  }

  private added(dataType: DataType, shape: readonly number[], tensor: ConstantTensor): Value {
    const value: Value = { name: this.uniqueName(`constant/${dataType}`), dataType, shape };
    this.constants.set(value, tensor);
    return value;
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
