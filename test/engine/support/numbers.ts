import { uniform } from '../../../src/engine/synthetic/hash.js';

/** Numbers from -1 to 1, the same for each name. */
export function random(name: string, count: number): Float32Array {
  return Float32Array.from(uniform(name, 1, count), (u) => 2 * u - 1);
}

export const numbers = (values: Float64Array | undefined): number[] => Array.from(values ?? []);
