import type { OperatorName } from '../operators.js';
import type { ValueType } from '../node.js';
import type { ShapeContext, ShapeRule, ShapeRules } from './shape-rule.js';
import type { Dim, Shape } from '../tensor.js';
import { at, elementCount, isStatic, normalizeAxis, sameShape, staticShape } from '../tensor.js';
import { broadcastShapes } from './elementwise.js';

const reshape: ShapeRule<'Reshape'> = ({ input, numbers }) => {
  const { dataType, shape } = input(0);
  const wanted = numbers(1);
  const known = wanted.filter((size) => size >= 0);
  if (wanted.length - known.length > 1) throw new RangeError('at most one size can be left open');
  if (!isStatic(shape)) return [{ dataType, shape: wanted.map((size, axis) => (size < 0 ? `reshape.${axis}` : size)) }];
  const count = elementCount(shape);
  const resolved = wanted.map((size) => (size < 0 ? count / elementCount(known) : size));
  if (elementCount(resolved) !== count || !resolved.every(Number.isInteger)) {
    throw new RangeError(`${count} elements do not fill [${wanted.join(', ')}]`);
  }
  return [{ dataType, shape: resolved }];
};

const transpose: ShapeRule<'Transpose'> = ({ input, attributes }) => {
  const { dataType, shape } = input(0);
  if (attributes.perm.length !== shape.length) throw new RangeError('perm must name each axis once');
  return [{ dataType, shape: attributes.perm.map((axis) => at(shape, axis)) }];
};

const concat: ShapeRule<'Concat'> = ({ inputs, input, attributes, dynamic }) => {
  const first = input(0);
  const axis = normalizeAxis(attributes.axis, first.shape.length);
  const rest = (shape: Shape): Shape => shape.filter((_, other) => other !== axis);
  const sizes: Shape = inputs.map((_, index) => {
    const { shape, dataType } = input(index);
    if (dataType !== first.dataType || !sameShape(rest(shape), rest(first.shape))) {
      throw new RangeError('operands may differ in the joined axis only');
    }
    return at(shape, axis);
  });
  const joined = isStatic(sizes) ? sizes.reduce((sum, size) => sum + size, 0) : dynamic('joined');
  return [{ dataType: first.dataType, shape: first.shape.map((dim, other) => (other === axis ? joined : dim)) }];
};

const slice: ShapeRule<'Slice'> = ({ inputs, input, numbers }) => {
  const { dataType, shape } = input(0);
  const [starts, ends, axes] = [numbers(1), numbers(2), numbers(3)];
  const steps = inputs[4] ? numbers(4) : axes.map(() => 1);
  const sliced: Dim[] = [...shape];
  axes.forEach((axis, index) => {
    const size = sliced[axis];
    if (typeof size !== 'number') throw new RangeError(`axis ${axis} has no fixed size`);
    const [start, end, step] = [at(starts, index), at(ends, index), at(steps, index)];
    if (step < 1) throw new RangeError('steps must be positive');
    const clamp = (position: number): number => Math.min(Math.max(position < 0 ? position + size : position, 0), size);
    sliced[axis] = Math.max(0, Math.ceil((clamp(end) - clamp(start)) / step));
  });
  return [{ dataType, shape: sliced }];
};

/** Parts of tensors that are split by the same sizes are of the same size. */
const split: ShapeRule<'Split'> = ({ input, knownNumbers, attributes }) => {
  const { dataType, shape } = input(0);
  const parted = normalizeAxis(attributes.axis, shape.length);
  const sizes = knownNumbers(1);
  return Array.from({ length: attributes.$parts }, (_, part) => ({
    dataType,
    shape: shape.map((dim, axis) => (axis === parted ? (sizes?.[part] ?? `${input(1).name}.${part}`) : dim)),
  }));
};

const pad: ShapeRule<'Pad'> = ({ input, numbers }) => {
  const { dataType, shape } = input(0);
  const sizes = staticShape('the padded tensor', shape);
  const pads = numbers(1);
  // Negative padding cuts off.
  const padded = sizes.map((size, axis) => size + at(pads, axis) + at(pads, axis + sizes.length));
  if (padded.some((size) => size < 0))
    throw new RangeError(`padding by [${pads.join(', ')}] cuts off more than there is`);
  return [{ dataType, shape: padded }];
};

const expand: ShapeRule<'Expand'> = ({ input, numbers }) => {
  const { dataType, shape } = input(0);
  return [{ dataType, shape: broadcastShapes(shape, numbers(1)) }];
};

const gather: ShapeRule<'Gather'> = ({ input, attributes }) => {
  const [data, indices] = [input(0), input(1)];
  const axis = normalizeAxis(attributes.axis, data.shape.length);
  return [
    {
      dataType: data.dataType,
      shape: [...data.shape.slice(0, axis), ...indices.shape, ...data.shape.slice(axis + 1)],
    },
  ];
};

const gatherElements: ShapeRule<'GatherElements'> = ({ input }) => [
  { dataType: input(0).dataType, shape: input(1).shape },
];

const gatherNd: ShapeRule<'GatherND'> = ({ input }) => {
  const [data, indices] = [input(0), input(1)];
  const depth = at(indices.shape, -1);
  if (typeof depth !== 'number') throw new RangeError('the last axis of the indices must be fixed');
  return [{ dataType: data.dataType, shape: [...indices.shape.slice(0, -1), ...data.shape.slice(depth)] }];
};

const likeData = ({ input }: ShapeContext<'ScatterElements' | 'ScatterND'>): readonly ValueType[] => {
  const [data, updates] = [input(0), input(2)];
  if (data.dataType !== updates.dataType) throw new TypeError('data and updates differ in element type');
  return [{ dataType: data.dataType, shape: data.shape }];
};

const nonZero: ShapeRule<'NonZero'> = ({ input, dynamic }) => [
  { dataType: 'int64', shape: [input(0).shape.length, dynamic('found')] },
];

function reducedShape(shape: Shape, axes: readonly number[], keepdims: number): Shape {
  const reduced = new Set(axes.map((axis) => normalizeAxis(axis, shape.length)));
  return keepdims
    ? shape.map((dim, axis) => (reduced.has(axis) ? 1 : dim))
    : shape.filter((_, axis) => !reduced.has(axis));
}

const reduce = ({
  input,
  numbers,
  attributes,
}: ShapeContext<'ReduceMax' | 'ReduceMean' | 'ReduceSum'>): readonly ValueType[] => {
  const { dataType, shape } = input(0);
  const axes = numbers(1);
  // ONNX takes an empty list for all axes, which nobody means who counted them.
  if (axes.length === 0) throw new RangeError('the axes to be reduced are missing');
  return [{ dataType, shape: reducedShape(shape, axes, attributes.keepdims) }];
};

const argMax: ShapeRule<'ArgMax'> = ({ input, attributes }) => [
  { dataType: 'int64', shape: reducedShape(input(0).shape, [attributes.axis], attributes.keepdims) },
];

const topK: ShapeRule<'TopK'> = ({ input, numbers, attributes }) => {
  const { dataType, shape } = input(0);
  const axis = normalizeAxis(attributes.axis, shape.length);
  const kept = at(numbers(1), 0);
  const size = at(shape, axis);
  if (typeof size === 'number' && kept > size) throw new RangeError(`cannot keep ${kept} of ${size}`);
  const result = shape.map((dim, other) => (other === axis ? kept : dim));
  return [
    { dataType, shape: result },
    { dataType: 'int64', shape: result },
  ];
};

export const layoutShapeRules = {
  ArgMax: argMax,
  Concat: concat,
  Expand: expand,
  Gather: gather,
  GatherElements: gatherElements,
  GatherND: gatherNd,
  NonZero: nonZero,
  Pad: pad,
  ReduceMax: reduce,
  ReduceMean: reduce,
  ReduceSum: reduce,
  Reshape: reshape,
  ScatterElements: likeData,
  ScatterND: likeData,
  Slice: slice,
  Split: split,
  TopK: topK,
  Transpose: transpose,
} satisfies Partial<ShapeRules<OperatorName>>;
