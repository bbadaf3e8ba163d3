import type { Value, ValueType } from './node.js';
import type { OperatorName, Operators } from './operators.js';
import { boxShapeRules } from './shape-rules/boxes.js';
import { elementwiseShapeRules } from './shape-rules/elementwise.js';
import { layoutShapeRules } from './shape-rules/layout.js';
import { layerShapeRules } from './shape-rules/layers.js';
import { lossShapeRules } from './shape-rules/losses.js';
import type { ShapeContext, ShapeRule, ShapeRules } from './shape-rules/shape-rule.js';
import type { ConstantTensor } from './tensor.js';
import { numbersOf } from './tensor.js';

const SHAPE_RULES: ShapeRules<OperatorName> = {
  ...elementwiseShapeRules,
  ...layoutShapeRules,
  ...layerShapeRules,
  ...boxShapeRules,
  ...lossShapeRules,
};

/** Operands do not fit their operator. */
export class ShapeError extends Error {
  readonly code = 'shape-mismatch';

  constructor(node: string, operator: OperatorName, inputs: readonly (Value | null)[], reason: string) {
    const operands = inputs.map((input) =>
      input === null ? 'none' : `${input.name}: ${input.dataType}[${input.shape.join(', ')}]`,
    );
    super(`${operator} "${node}": ${reason}; given (${operands.join('; ')})`);
  }
}

/** Types and shapes of a node's outputs. @throws ShapeError when its operands do not fit. */
export function inferShapes<K extends OperatorName>(
  operator: K,
  inputs: readonly (Value | null)[],
  attributes: Operators[K],
  node: string,
  constants: ReadonlyMap<Value, ConstantTensor>,
): readonly ValueType[] {
  const input = (index: number): Value => {
    const value = inputs[index];
    if (!value) throw new RangeError(`input ${index} is missing`);
    return value;
  };
  const context: ShapeContext<K> = {
    inputs,
    attributes,
    input,
    numbers: (index) => {
      const constant = constants.get(input(index));
      if (!constant) throw new TypeError(`input ${index} must be a constant`);
      return numbersOf(constant);
    },
    knownNumbers: (index) => {
      const constant = constants.get(input(index));
      return constant ? numbersOf(constant) : null;
    },
    dynamic: (what) => `${node}.${what}`,
  };
  const rule: ShapeRule<K> = SHAPE_RULES[operator];
  try {
    return rule(context);
  } catch (error) {
    throw new ShapeError(node, operator, inputs, error instanceof Error ? error.message : String(error));
  }
}
