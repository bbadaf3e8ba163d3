/** Element types that graphs of this engine use, by ONNX's names in lower case. */
export type DataType = 'float32' | 'float64' | 'int64' | 'int32' | 'bool';

/** Size of an axis: a number, or the name of a size that only the run decides. */
export type Dim = number | string;

export type Shape = readonly Dim[];

export type TensorData = Float32Array | Float64Array | BigInt64Array | Int32Array | Uint8Array;

/** A tensor whose content is known when the graph is built. */
export interface ConstantTensor {
  readonly dataType: DataType;
  readonly shape: readonly number[];
  readonly data: TensorData;
}

/** A large constant whose content is made when it is first asked for: who wants to know its size alone need not wait. */
export class DeferredTensor implements ConstantTensor {
  private made: TensorData | null = null;

  constructor(
    readonly dataType: DataType,
    readonly shape: readonly number[],
    private readonly make: () => TensorData,
  ) {}

  /** @throws RangeError where the content is not of the shape */
  get data(): TensorData {
    this.made ??= fitting(this.shape, this.make());
    return this.made;
  }
}

/** @throws RangeError where the elements are not as many as the shape has */
export function fitting(shape: readonly number[], data: TensorData): TensorData {
  if (data.length === elementCount(shape)) return data;
  throw new RangeError(`a constant of shape [${shape.join(', ')}] cannot hold ${data.length} elements`);
}

const BYTES_PER_ELEMENT: Readonly<Record<DataType, number>> = { float32: 4, float64: 8, int64: 8, int32: 4, bool: 1 };

export function bytesPerElement(dataType: DataType): number {
  return BYTES_PER_ELEMENT[dataType];
}

/** A size that must be known before the run was not. */
export class DynamicShapeError extends Error {
  readonly code = 'dynamic-shape';

  constructor(what: string, shape: Shape) {
    super(`${what} has the shape [${shape.join(', ')}], of which only the run decides a size; a fixed shape is needed`);
  }
}

/** The shape as numbers. @throws DynamicShapeError when a size is decided by the run. */
export function staticShape(what: string, shape: Shape): readonly number[] {
  const sizes: number[] = [];
  for (const dim of shape) {
    if (typeof dim !== 'number') throw new DynamicShapeError(what, shape);
    sizes.push(dim);
  }
  return sizes;
}

export function isStatic(shape: Shape): shape is readonly number[] {
  return shape.every((dim) => typeof dim === 'number');
}

export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((dim, axis) => dim === b[axis]);
}

/** `axis` counted from the front; negative axes count from the back. */
export function normalizeAxis(axis: number, rank: number): number {
  const normalized = axis < 0 ? axis + rank : axis;
  if (normalized < 0 || normalized >= rank) throw new RangeError(`axis ${axis} is outside a tensor of rank ${rank}`);
  return normalized;
}

/** Element at an index that the caller knows to exist. @throws RangeError otherwise. */
export function at<T>(items: readonly T[], index: number): T {
  const item = items[index < 0 ? index + items.length : index];
  if (item === undefined) throw new RangeError(`index ${index} is outside a list of ${items.length}`);
  return item;
}
