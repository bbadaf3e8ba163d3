import { mapUniformInto } from './hash.js';

/** Negative or fractional sizes would silently give a tensor of another size. */
export class TensorShapeError extends Error {
  readonly code = 'TENSOR_SHAPE';

  constructor(name: string, shape: readonly number[]) {
    super(`The shape of "${name}" is [${shape.join(', ')}]; every size must be a whole number of at least 1.`);
    this.name = 'TensorShapeError';
  }
}

/**
 * Contents of a parameter, or of a floating-point buffer, from its name alone; C order. Integer buffers
 * (`num_batches_tracked`) are not filled: they keep what the network gives them.
 *
 * | Axes | Value, u being the element's fraction |
 * | --- | --- |
 * | 2 or more | (2u - 1) sqrt(3 / fan-in), fan-in being the product of all axes but the first: variance 1 / fan-in |
 * | fewer; the name ends in `weight` or `running_var` | 0.75 + 0.5u: scales, which must stay positive |
 * | fewer; any other | 0.1 (2u - 1): biases and running means |
 *
 * @param name name in the state dictionary, such as `backbone.features.0.0.0.weight`
 * @throws TensorShapeError
 */
export function fillTensor(name: string, shape: readonly number[], seed: number): Float32Array {
  if (!shape.every((size) => Number.isInteger(size) && size >= 1)) throw new TensorShapeError(name, shape);
  const values = new Float32Array(shape.reduce((product, size) => product * size, 1));
  fillInto(values, name, shape, seed);
  return values;
}

/** The same into memory that is there already: `into` has as many places as the shape has elements. */
export function fillInto(into: Float32Array, name: string, shape: readonly number[], seed: number): void {
  mapUniformInto(into, name, seed, valueRule(name, shape, into.length));
}

function valueRule(name: string, shape: readonly number[], count: number): (u: number) => number {
  const [outputs, ...inputs] = shape;
  if (outputs !== undefined && inputs.length > 0) {
    const bound = Math.sqrt(3 / (count / outputs));
    return (u) => (2 * u - 1) * bound;
  }
  if (name.endsWith('weight') || name.endsWith('running_var')) return (u) => 0.75 + 0.5 * u;
  return (u) => 0.1 * (2 * u - 1);
}
