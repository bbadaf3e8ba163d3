import type { OperatorName } from '../../graph/operators.js';
import type { Graph } from '../../graph/graph.js';
import type { Value } from '../../graph/node.js';
import { mul, reshape, slice, transpose, zeros } from '../../graph/ops.js';
import { at, elementCount, normalizeAxis, staticShape } from '../../graph/tensor.js';
import type { GradientRules, OperandGradients } from '../gradient-rule.js';
import { DifferentiationError, UNSUPPORTED, ZERO } from '../gradient-rule.js';

/** The gradient of a reduction's result with the reduced axes as 1: the driver spreads it where that is needed. */
function withReducedAxes(g: Graph, dy: Value, x: Value, axes: readonly number[]): Value {
  const shape = staticShape(x.name, x.shape);
  const reduced = new Set(axes.map((axis) => normalizeAxis(axis, shape.length)));
  const kept = shape.map((size, axis) => (reduced.has(axis) ? 1 : size));
  return dy.shape.length === shape.length ? dy : reshape(g, dy, kept);
}

export const layoutRules = {
  ArgMax: ZERO,
  // Each operand's gradient is its part of dy.
  Concat: ({ g, dy, node, input, attributes }): OperandGradients => {
    const axis = normalizeAxis(attributes.axis, dy.shape.length);
    let end = 0;
    return node.inputs.map((_, index) => {
      const start = end;
      end += at(staticShape('a joined operand', input(index).shape), axis);
      const stop = end;
      return () => slice(g, dy, axis, start, stop);
    });
  },
  // The driver sums over the axes that were expanded.
  Expand: ({ dy }) => [() => dy, null],
  // dy is added to zeros row by row. The rows must differ: this runtime's ScatterND loses sums where several threads add
  // to one row (GatherElements does not).
  Gather: ({ g, dy, input, attributes }) => [
    () => {
      if (normalizeAxis(attributes.axis, input(0).shape.length) !== 0) {
        throw new RangeError('only a gather of rows has a gradient here');
      }
      const places = staticShape('the indices', input(1).shape);
      const shape = staticShape('the data', input(0).shape);
      return g.op('ScatterND', [zeros(g, shape), reshape(g, input(1), [...places, 1]), dy], { reduction: 'add' });
    },
    null,
  ],
  // dy is added to zeros at the places it was gathered from; a place gathered twice gets both.
  GatherElements: ({ g, dy, input, attributes }) => [
    () =>
      g.op('ScatterElements', [zeros(g, staticShape('the data', input(0).shape)), input(1), dy], {
        axis: attributes.axis,
        reduction: 'add',
      }),
    null,
  ],
  GatherND: UNSUPPORTED,
  NonMaxSuppression: UNSUPPORTED,
  NonZero: ZERO,
  // Negative padding cuts off what was padded, and pads with zeros what was cut off.
  Pad: ({ g, dy, numbers }) => [
    () => g.op('Pad', [dy, g.int64(numbers(1).map((size) => -size))], { mode: 'constant' }),
    null,
  ],
  ReduceMax: UNSUPPORTED,
  ReduceMean: ({ g, dy, input, numbers }) => [
    () => {
      const shape = staticShape('the reduced operand', input(0).shape);
      const averaged = elementCount(numbers(1).map((axis) => at(shape, axis)));
      return withReducedAxes(g, mul(g, dy, g.scalar(1 / averaged)), input(0), numbers(1));
    },
    null,
  ],
  ReduceSum: ({ g, dy, input, numbers }) => [() => withReducedAxes(g, dy, input(0), numbers(1)), null],
  Reshape: ({ g, dy, input }) => [() => reshape(g, dy, staticShape('the reshaped operand', input(0).shape)), null],
  ScatterElements: UNSUPPORTED,
  ScatterND: UNSUPPORTED,
  // dy is put back between the zeros of what was cut off; steps other than 1 are refused.
  Slice: ({ g, dy, input, numbers, node }) => [
    () => {
      const shape = staticShape('the sliced operand', input(0).shape);
      const [starts, axes] = [numbers(1), numbers(3)];
      const steps = node.inputs[4] ? numbers(4) : axes.map(() => 1);
      if (steps.some((step) => step !== 1)) throw new DifferentiationError('a slice with steps has no gradient here');
      const before = shape.map(() => 0);
      axes.forEach((axis, index) => {
        const start = at(starts, index);
        const size = at(shape, axis);
        before[axis] = Math.min(Math.max(start < 0 ? start + size : start, 0), size);
      });
      const kept = staticShape('dy', dy.shape);
      const after = shape.map((size, axis) => size - at(before, axis) - at(kept, axis));
      return g.op('Pad', [dy, g.int64([...before, ...after])], { mode: 'constant' });
    },
    null,
    null,
    null,
    null,
  ],
  Split: UNSUPPORTED,
  TopK: UNSUPPORTED,
  Transpose: ({ g, dy, attributes }) => [
    () => {
      const inverse = attributes.perm.map((_, axis) => attributes.perm.indexOf(axis));
      return transpose(g, dy, inverse);
    },
  ],
} satisfies Partial<GradientRules<OperatorName>>;
