import type { Graph } from '../graph/graph.js';
import type { GraphNode, Value } from '../graph/node.js';
import { add, expand, reduceSum, reshape } from '../graph/ops.js';
import type { OperatorName } from '../graph/operators.js';
import type { Shape } from '../graph/tensor.js';
import { at, numbersOf, sameShape, staticShape } from '../graph/tensor.js';
import type { GradientContext, GradientDecision } from './gradient-rule.js';
import { DifferentiationError, UNSUPPORTED, ZERO } from './gradient-rule.js';
import { GRADIENT_RULES } from './gradient-rules.js';

/**
 * Adds, in reverse mode, the nodes that compute the gradient of `loss` (a scalar) by each of `variables`.
 * Only what is needed is built: nodes between the variables and the loss, and of their operands those that lead back
 * to a variable.
 *
 * @returns the gradient of each variable that the loss depends on; others have none.
 * @throws DifferentiationError when the path meets an operator without a gradient, or a rule gives the wrong shape.
 */
export function differentiate(g: Graph, loss: Value, variables: readonly Value[]): ReadonlyMap<Value, Value> {
  if (loss.shape.length !== 0)
    throw new DifferentiationError(`the loss must be a scalar, not [${loss.shape.join(', ')}]`);
  const made = new Set(g.nodes.flatMap(({ outputs }) => outputs));
  const computed = variables.find((variable) => made.has(variable));
  if (computed) throw new DifferentiationError(`"${computed.name}" is computed by a node; variables are inputs`);
  const active = leadingFrom(g.nodes, variables);
  const gradients = new Map<Value, Value>();
  if (!active.has(loss)) return gradients;
  gradients.set(
    loss,
    g.during('backward', '', () => g.scalar(1)),
  );
  for (const node of [...g.nodes].reverse()) {
    const dy = gradients.get(at(node.outputs, 0));
    const arrived = node.outputs.some((output) => gradients.has(output));
    if (!arrived || !node.inputs.some((input) => input && active.has(input))) continue;
    if (!dy || node.outputs.slice(1).some((output) => gradients.has(output))) {
      throw new DifferentiationError(`${node.operator} "${node.name}": only its first output has a gradient`);
    }
    g.during('backward', node.scope, () => {
      propagate(g, node, wholeGradient(g, dy, at(node.outputs, 0)), active, gradients);
    });
    // Spent once their node is done; the variables themselves are no node's outputs.
    for (const output of node.outputs) gradients.delete(output);
  }
  return new Map(
    variables.flatMap((variable) => {
      const gradient = gradients.get(variable);
      if (!gradient) return [];
      return [[variable, g.during('backward', '', () => wholeGradient(g, gradient, variable))] as const];
    }),
  );
}

/** The variables and every value computed from them through operators that pass gradients on. */
function leadingFrom(nodes: readonly GraphNode[], variables: readonly Value[]): ReadonlySet<Value> {
  const active = new Set<Value>(variables);
  for (const node of nodes) {
    if (GRADIENT_RULES[node.operator] === ZERO) continue;
    if (!node.inputs.some((input) => input && active.has(input))) continue;
    for (const output of node.outputs) if (output.dataType.startsWith('float')) active.add(output);
  }
  return active;
}

function propagate<K extends OperatorName>(
  g: Graph,
  node: GraphNode<K>,
  dy: Value,
  active: ReadonlySet<Value>,
  gradients: Map<Value, Value>,
): void {
  const rule: GradientDecision<K> = GRADIENT_RULES[node.operator];
  if (rule === ZERO) return;
  if (rule === UNSUPPORTED) {
    throw new DifferentiationError(
      `${node.operator} "${node.name}" lies between the loss and a variable, and has no gradient`,
    );
  }
  const operandGradients = rule(contextOf(g, node, dy));
  node.inputs.forEach((operand, index) => {
    const build = operandGradients[index];
    if (!operand || !active.has(operand)) return;
    if (!build) throw new DifferentiationError(`${node.operator} "${node.name}" has no gradient by operand ${index}`);
    const gradient = sumToShape(g, build(), operand.shape);
    if (!spreadsTo(gradient.shape, operand.shape) || gradient.dataType !== operand.dataType) {
      throw new DifferentiationError(
        `${node.operator} "${node.name}": the gradient by operand ${index} is ${gradient.dataType}` +
          `[${gradient.shape.join(', ')}], the operand ${operand.dataType}[${operand.shape.join(', ')}]`,
      );
    }
    const known = gradients.get(operand);
    gradients.set(operand, known ? add(g, known, gradient) : gradient);
  });
}

function contextOf<K extends OperatorName>(g: Graph, node: GraphNode<K>, dy: Value): GradientContext<K> {
  const input = (index: number): Value => {
    const value = node.inputs[index];
    if (!value) throw new DifferentiationError(`${node.operator} "${node.name}" has no operand ${index}`);
    return value;
  };
  return {
    g,
    node,
    attributes: node.attributes,
    dy,
    input,
    output: (index) => at(node.outputs, index),
    numbers: (index) => {
      const constant = g.constants.get(input(index));
      if (!constant) throw new DifferentiationError(`operand ${index} of "${node.name}" must be a constant`);
      return numbersOf(constant);
    },
  };
}

/** Whether a gradient has the shape, or 1 where all elements along an axis share theirs. */
function spreadsTo(gradient: Shape, shape: Shape): boolean {
  return gradient.length === shape.length && gradient.every((dim, axis) => dim === shape[axis] || dim === 1);
}

/**
 * The gradient in the full shape of its value. Until it is needed, the gradient of a sum or mean stays as small as the
 * sum, and adding it to another one spreads it in passing.
 */
function wholeGradient(g: Graph, gradient: Value, value: Value): Value {
  return sameShape(gradient.shape, value.shape) ? gradient : expand(g, gradient, staticShape('the value', value.shape));
}

/** Sums a gradient over the axes along which its operand was broadcast. */
function sumToShape(g: Graph, gradient: Value, shape: Shape): Value {
  if (sameShape(gradient.shape, shape)) return gradient;
  const extra = gradient.shape.length - shape.length;
  const axes = gradient.shape.flatMap((dim, axis) =>
    axis < extra || (shape[axis - extra] === 1 && dim !== 1) ? [axis] : [],
  );
  if (axes.length === 0) return gradient;
  const summed = reduceSum(g, gradient, axes, true);
  return extra === 0 ? summed : reshape(g, summed, staticShape('the sum', summed.shape).slice(extra));
}
