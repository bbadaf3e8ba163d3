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

/** Whole numbers known when the graph is built, as the shapes and places that operators take: rules read them as numbers. */
export class WholeNumbers implements ConstantTensor {
  readonly dataType = 'int64';
  readonly numbers: readonly number[];
  private made: BigInt64Array | null = null;

  /** @throws RangeError where one of the numbers is not whole */
  constructor(
    readonly shape: readonly number[],
    numbers: readonly number[],
  ) {
    const broken = numbers.find((number) => !Number.isInteger(number));
    if (broken !== undefined) throw new RangeError(`an int64 constant cannot hold ${broken}`);
    // No integer is -0.
    this.numbers = numbers.map((number) => number + 0);
  }

  /** 64 bits each, which take JavaScript long to make and nobody who only counts ever looks at. */
  get data(): TensorData {
    this.made ??= BigInt64Array.from(this.numbers, BigInt);
    return this.made;
  }
}

/** The content of a constant as numbers. */
export function numbersOf(tensor: ConstantTensor): readonly number[] {
  return tensor instanceof WholeNumbers ? tensor.numbers : Array.from(tensor.data, Number);
}

/** @throws RangeError where the elements are not as many as the shape has */
export function fitting<Data extends { readonly length: number }>(shape: readonly number[], data: Data): Data {
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
  if (isStatic(shape)) return shape;
  throw new DynamicShapeError(what, shape);
}

export function isStatic(shape: Shape): shape is readonly number[] {
  for (const dim of shape) if (typeof dim !== 'number') return false;
  return true;
}

export function elementCount(shape: readonly number[]): number {
  let product = 1;
  for (const size of shape) product *= size;
  return product;
}

export function sameShape(a: Shape, b: Shape): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let axis = 0; axis < a.length; axis++) if (a[axis] !== b[axis]) return false;
  return true;
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
