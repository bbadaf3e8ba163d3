import type { Value } from '../graph/node.js';
import type { RuntimeOperatorName, RuntimeOperators } from '../graph/operators.js';
import { at } from '../graph/tensor.js';
import type { AttributeProto } from './gen/onnx_pb.js';
import { AttributeProto_AttributeType } from './gen/onnx_pb.js';
import { readDataType } from './read-tensor.js';
import { UnreadableModelError } from './unreadable-model-error.js';

/**
 * The runtime's operators without those of its own blocked layout, whose files say too little to infer shapes, and without
 * convolutions over three axes and products with a summand, which this engine alone makes, and only in one form.
 */
export type ReadableOperatorName = Exclude<
  RuntimeOperatorName,
  'Conv3d' | 'Gemm' | 'NchwcConv' | 'ReorderInput' | 'ReorderOutput'
>;

type AttributeValue = number | string | readonly number[];
type Operands = readonly (Value | null)[];

/** ONNX has no default. */
const REQUIRED = Symbol('required');
/** Says what the operands say already. */
const REDUNDANT = Symbol('redundant');

type Default<V> = V | typeof REQUIRED | ((operands: Operands) => V);
type Defaults<K extends RuntimeOperatorName> = {
  readonly [A in keyof RuntimeOperators[K]]: Default<RuntimeOperators[K][A]>;
};

const WINDOW = { strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1] } as const;
const CONV = { ...WINDOW, group: 1 } as const;

/** What an attribute is where the file leaves it out: ONNX's operators of opset 18, and com.microsoft's. */
const DEFAULTS: { readonly [K in ReadableOperatorName]: Defaults<K> } = {
  Abs: {},
  Add: {},
  And: {},
  ArgMax: { axis: 0, keepdims: 1 },
  AveragePool: { strides: [1, 1], pads: [0, 0, 0, 0], kernel_shape: REQUIRED },
  BatchNormalization: { epsilon: 1e-5, momentum: 0.9, training_mode: 0 },
  Cast: { to: REQUIRED },
  Clip: {},
  Concat: { axis: REQUIRED },
  Conv: CONV,
  ConvTranspose: { ...CONV, output_padding: [0, 0] },
  Div: {},
  Dropout: {},
  Equal: {},
  Exp: {},
  Expand: {},
  FusedConv: CONV,
  FusedMatMul: { transA: 0, transB: 0, alpha: 1 },
  Gather: { axis: 0 },
  GatherElements: { axis: 0 },
  GatherND: {},
  Greater: {},
  GreaterOrEqual: {},
  HardSigmoid: { alpha: 0.2, beta: 0.5 },
  Less: {},
  Log: {},
  LogSoftmax: { axis: -1 },
  MatMul: {},
  Max: {},
  MaxPool: { ...WINDOW, kernel_shape: REQUIRED },
  MaxPoolWithIndices: { ...WINDOW, kernel_shape: REQUIRED },
  Min: {},
  Mul: {},
  Neg: {},
  NonMaxSuppression: { center_point_box: 0 },
  NonZero: {},
  Pad: { mode: 'constant' },
  Reciprocal: {},
  ReduceMax: { keepdims: 1 },
  ReduceMean: { keepdims: 1 },
  ReduceSum: { keepdims: 1 },
  Relu: {},
  Reshape: {},
  Resize: { mode: REQUIRED, nearest_mode: REQUIRED, coordinate_transformation_mode: REQUIRED },
  // ONNX's default of the mode, half_pixel, is another operation.
  RoiAlign: {
    mode: 'avg',
    coordinate_transformation_mode: REQUIRED,
    output_height: 1,
    output_width: 1,
    sampling_ratio: 0,
    spatial_scale: 1,
  },
  ScatterElements: { axis: 0, reduction: 'none' },
  ScatterND: { reduction: 'none' },
  Sigmoid: {},
  Slice: {},
  Softmax: { axis: -1 },
  Softplus: {},
  // As many parts as sizes are given.
  Split: { axis: 0, $parts: (operands) => Number(at(operands, 1)?.shape[0] ?? 0) },
  Sqrt: {},
  Sub: {},
  ThresholdedRelu: { alpha: 1 },
  TopK: { axis: -1, largest: 1, sorted: 1 },
  Transpose: { perm: (operands) => at(operands, 0)?.shape.map((_, axis, { length }) => length - 1 - axis) ?? [] },
  Where: {},
};

/** Attributes that the engine's operators do not have: the one value of each that asks for nothing else. */
const NEUTRAL: Readonly<Partial<Record<ReadableOperatorName, Readonly<Record<string, unknown>>>>> = {
  ArgMax: { select_last_index: 0 },
  AveragePool: { auto_pad: 'NOTSET', ceil_mode: 0, count_include_pad: 0 },
  Conv: { auto_pad: 'NOTSET', kernel_shape: REDUNDANT },
  ConvTranspose: { auto_pad: 'NOTSET', kernel_shape: REDUNDANT },
  FusedConv: { auto_pad: 'NOTSET', kernel_shape: REDUNDANT, activation: '' },
  FusedMatMul: { transBatchA: 0, transBatchB: 0 },
  GatherND: { batch_dims: 0 },
  MaxPool: { auto_pad: 'NOTSET', ceil_mode: 0, storage_order: 0 },
  MaxPoolWithIndices: { auto_pad: 'NOTSET', ceil_mode: 0, storage_order: 0 },
  ReduceMax: { noop_with_empty_axes: 0 },
  ReduceMean: { noop_with_empty_axes: 0 },
  ReduceSum: { noop_with_empty_axes: 0 },
  Reshape: { allowzero: 0 },
};

/** Of attributes that are words, those that the engine knows, by operator where operators differ. */
const WORDS: ReadonlyMap<string, readonly string[]> = new Map([
  ['Pad.mode', ['constant']],
  ['Resize.coordinate_transformation_mode', ['asymmetric']],
  ['Resize.mode', ['nearest']],
  ['Resize.nearest_mode', ['floor']],
  ['RoiAlign.coordinate_transformation_mode', ['output_half_pixel']],
  ['RoiAlign.mode', ['avg']],
  ['reduction', ['none', 'add']],
]);

export function isReadable(operator: string): operator is ReadableOperatorName {
  return Object.hasOwn(DEFAULTS, operator);
}

/**
 * A node's attributes: those of the file in its order, then ONNX's defaults of the others.
 *
 * @param what the node, as errors name it
 * @throws UnreadableModelError when one is missing, unknown, or has a value that the engine cannot compute
 */
export function readAttributes<K extends ReadableOperatorName>(
  operator: K,
  given: readonly AttributeProto[],
  operands: Operands,
  what: string,
): RuntimeOperators[K] {
  const defaults: Readonly<Record<string, unknown>> = DEFAULTS[operator];
  const attributes: Record<string, unknown> = {};
  for (const proto of given) {
    const value = readValue(proto, what);
    if (Object.hasOwn(defaults, proto.name)) {
      attributes[proto.name] = checked(operator, proto.name, value, defaults[proto.name], what);
      continue;
    }
    const neutral = NEUTRAL[operator]?.[proto.name];
    if (neutral !== REDUNDANT && neutral !== value) {
      throw new UnreadableModelError(`${what} has the attribute ${proto.name} = ${String(value)}, which is not known`);
    }
  }
  for (const [name, fallback] of Object.entries(defaults)) {
    if (Object.hasOwn(attributes, name)) continue;
    if (fallback === REQUIRED) throw new UnreadableModelError(`${what} lacks the attribute ${name}`);
    attributes[name] = typeof fallback === 'function' ? (fallback as (given: Operands) => unknown)(operands) : fallback;
  }
  // The table above says, by its type, that exactly the operator's attributes are there.
  return attributes as RuntimeOperators[K];
}

function readValue({ name, type, f, i, ints, s }: AttributeProto, what: string): AttributeValue {
  if (type === AttributeProto_AttributeType.FLOAT) return f;
  if (type === AttributeProto_AttributeType.INT) {
    return name === 'to' ? readDataType(Number(i), `the result of ${what}`) : Number(i);
  }
  if (type === AttributeProto_AttributeType.INTS) return ints.map(Number);
  if (type === AttributeProto_AttributeType.STRING) return new TextDecoder().decode(s);
  throw new UnreadableModelError(
    `${what} has the attribute ${name} of type ${AttributeProto_AttributeType[type]}; ` +
      'known are FLOAT, INT, INTS and STRING',
  );
}

/** A given value, when it is of the kind that the operator takes. */
function checked(
  operator: ReadableOperatorName,
  name: string,
  value: AttributeValue,
  fallback: unknown,
  what: string,
): AttributeValue {
  const words = WORDS.get(`${operator}.${name}`) ?? WORDS.get(name);
  const fits =
    typeof fallback === 'symbol' || typeof fallback === 'function'
      ? true
      : Array.isArray(fallback)
        ? Array.isArray(value) && value.length === fallback.length
        : typeof value === typeof fallback;
  if (!fits || (words && !words.includes(String(value)))) {
    const wanted = words?.join(' or ') ?? (Array.isArray(fallback) ? `${fallback.length} numbers` : typeof fallback);
    throw new UnreadableModelError(`${what} has the attribute ${name} = ${String(value)}, but takes ${wanted}`);
  }
  return value;
}
