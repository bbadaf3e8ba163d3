import type { OperatorName, Operators } from './operators.js';
import type { DataType, Shape } from './tensor.js';

/** Part of a step that a node belongs to; the first part of each node's name, and so of its line in a trace. */
export type Phase = 'forward' | 'backward' | 'optimizer';

/** A tensor of the graph. */
export interface Value {
  readonly name: string;
  readonly dataType: DataType;
  readonly shape: Shape;
}

/** One operator with its operands. An absent optional input is null. */
export interface GraphNode<K extends OperatorName = OperatorName> {
  readonly operator: K;
  readonly name: string;
  readonly phase: Phase;
  /** Module that the node belongs to, such as `backbone.body.layer1.0.conv1`. */
  readonly scope: string;
  readonly inputs: readonly (Value | null)[];
  readonly outputs: readonly Value[];
  readonly attributes: Operators[K];
}

export type ValueType = Pick<Value, 'dataType' | 'shape'>;
