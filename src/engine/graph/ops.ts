import type { Graph } from './graph.js';
import type { Value } from './node.js';
import type { ConvAttributes } from './operators.js';
import type { DataType } from './tensor.js';
import { at, staticShape } from './tensor.js';

/** One line an operator, for code that composes many. Argument order and meaning are ONNX's. */

const NONE = {};

export const abs = (g: Graph, x: Value): Value => g.op('Abs', [x], NONE);
export const add = (g: Graph, a: Value, b: Value): Value => g.op('Add', [a, b], NONE);
export const and = (g: Graph, a: Value, b: Value): Value => g.op('And', [a, b], NONE);
export const div = (g: Graph, a: Value, b: Value): Value => g.op('Div', [a, b], NONE);
export const equal = (g: Graph, a: Value, b: Value): Value => g.op('Equal', [a, b], NONE);
export const exp = (g: Graph, x: Value): Value => g.op('Exp', [x], NONE);
export const greater = (g: Graph, a: Value, b: Value): Value => g.op('Greater', [a, b], NONE);
export const greaterOrEqual = (g: Graph, a: Value, b: Value): Value => g.op('GreaterOrEqual', [a, b], NONE);
export const hardSwish = (g: Graph, x: Value): Value => g.op('HardSwish', [x], NONE);
export const less = (g: Graph, a: Value, b: Value): Value => g.op('Less', [a, b], NONE);
export const log = (g: Graph, x: Value): Value => g.op('Log', [x], NONE);
export const logSoftmax = (g: Graph, x: Value, axis: number): Value => g.op('LogSoftmax', [x], { axis });
export const matMul = (g: Graph, a: Value, b: Value): Value => g.op('MatMul', [a, b], NONE);
export const max = (g: Graph, a: Value, b: Value): Value => g.op('Max', [a, b], NONE);
export const min = (g: Graph, a: Value, b: Value): Value => g.op('Min', [a, b], NONE);
export const mul = (g: Graph, a: Value, b: Value): Value => g.op('Mul', [a, b], NONE);
export const neg = (g: Graph, x: Value): Value => g.op('Neg', [x], NONE);
export const reciprocal = (g: Graph, x: Value): Value => g.op('Reciprocal', [x], NONE);
export const relu = (g: Graph, x: Value): Value => g.op('Relu', [x], NONE);
export const sigmoid = (g: Graph, x: Value): Value => g.op('Sigmoid', [x], NONE);
export const softmax = (g: Graph, x: Value, axis: number): Value => g.op('Softmax', [x], { axis });
export const softplus = (g: Graph, x: Value): Value => g.op('Softplus', [x], NONE);
export const sqrt = (g: Graph, x: Value): Value => g.op('Sqrt', [x], NONE);
export const stopGradient = (g: Graph, x: Value): Value => g.op('StopGradient', [x], NONE);
export const sub = (g: Graph, a: Value, b: Value): Value => g.op('Sub', [a, b], NONE);
export const where = (g: Graph, condition: Value, a: Value, b: Value): Value => g.op('Where', [condition, a, b], NONE);

export const cast = (g: Graph, x: Value, to: DataType): Value => (x.dataType === to ? x : g.op('Cast', [x], { to }));

export function clip(g: Graph, x: Value, low: number, high: number): Value {
  return g.op('Clip', [x, g.scalar(low), g.scalar(high)], NONE);
}

/** A share `rate` of x at 0, drawn anew in each run, the rest divided by 1 - `rate`. */
export function dropOut(g: Graph, x: Value, rate: number): Value {
  return g.op('Dropout', [x, g.scalar(rate), g.constant('bool', [], Uint8Array.of(1))], NONE);
}

export function hardSigmoid(g: Graph, x: Value): Value {
  return g.op('HardSigmoid', [x], { alpha: 1 / 6, beta: 0.5 });
}

export function conv(g: Graph, x: Value, weight: Value, bias: Value | null, attributes: ConvAttributes): Value {
  return g.op('Conv', bias ? [x, weight, bias] : [x, weight], attributes);
}

export function reshape(g: Graph, x: Value, shape: readonly number[]): Value {
  return g.op('Reshape', [x, g.int64(shape)], NONE);
}

/** Reshaped to `[1, C, 1, 1]`, so that one number a channel broadcasts over `[N, C, H, W]`. */
export function perChannel(g: Graph, x: Value): Value {
  return reshape(g, x, [1, at(staticShape(x.name, x.shape), 0), 1, 1]);
}

export function transpose(g: Graph, x: Value, perm: readonly number[]): Value {
  return g.op('Transpose', [x], { perm });
}

export function concat(g: Graph, values: readonly Value[], axis: number): Value {
  return values.length === 1 ? at(values, 0) : g.op('Concat', values, { axis });
}

export function slice(g: Graph, x: Value, axis: number, start: number, end: number, step = 1): Value {
  return g.op('Slice', [x, g.int64([start]), g.int64([end]), g.int64([axis]), g.int64([step])], NONE);
}

export function expand(g: Graph, x: Value, shape: readonly number[]): Value {
  return g.op('Expand', [x, g.int64(shape)], NONE);
}

export function gather(g: Graph, data: Value, indices: Value, axis: number): Value {
  return g.op('Gather', [data, indices], { axis });
}

export function gatherElements(g: Graph, data: Value, indices: Value, axis: number): Value {
  return g.op('GatherElements', [data, indices], { axis });
}

export function scatterElements(g: Graph, data: Value, indices: Value, updates: Value, axis: number): Value {
  return g.op('ScatterElements', [data, indices, updates], { axis, reduction: 'none' });
}

export function reduceMax(g: Graph, x: Value, axes: readonly number[], keepdims = false): Value {
  return g.op('ReduceMax', [x, g.int64(axes)], { keepdims: keepdims ? 1 : 0 });
}

export function reduceMean(g: Graph, x: Value, axes: readonly number[], keepdims = false): Value {
  return g.op('ReduceMean', [x, g.int64(axes)], { keepdims: keepdims ? 1 : 0 });
}

export function reduceSum(g: Graph, x: Value, axes: readonly number[], keepdims = false): Value {
  return g.op('ReduceSum', [x, g.int64(axes)], { keepdims: keepdims ? 1 : 0 });
}

export function argMax(g: Graph, x: Value, axis: number): Value {
  return g.op('ArgMax', [x], { axis, keepdims: 0 });
}

/** The `k` largest along `axis`, largest first, and their indices. */
export function topK(g: Graph, x: Value, k: number, axis: number): readonly [values: Value, indices: Value] {
  const outputs = g.ops('TopK', [x, g.int64([k])], { axis, largest: 1, sorted: 1 });
  return [at(outputs, 0), at(outputs, 1)];
}

/** Zeros of a shape known now; a fill, not a stored tensor. */
export function zeros(g: Graph, shape: readonly number[]): Value {
  return expand(g, g.scalar(0), shape);
}
