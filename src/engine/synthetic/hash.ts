/**
 * Numbers that any language can regenerate, so that two implementations of a network can be compared without
 * exchanging files: a hash of a seed and an index, read as a fraction.
 *
 *     fraction(name, i) = (lowbias32(i + nameSeed(name) * 0x9E3779B9) >> 8) / 2^24, in [0, 1)
 *
 * lowbias32 is the 32-bit mixing function of Chris Wellons' hash prospector; names become seeds by FNV-1a.
 */
const GOLDEN_RATIO_32 = 0x9e3779b9;
const FNV_OFFSET_BASIS = 0x811c9dc5;
const FNV_PRIME = 0x01000193;
const FRACTIONS = 2 ** 24;
/** Looked up once: networks have tens of millions of numbers, and where tests run a global is looked up slowly. */
const { imul } = Math;

function lowbias32(value: number): number {
  let x = value;
  x ^= x >>> 16;
  x = imul(x, 0x7feb352d);
  x ^= x >>> 15;
  x = imul(x, 0x846ca68b);
  x ^= x >>> 16;
  return x;
}

/** FNV-1a, 32 bits, of the name in UTF-8, xor `seed` (an integer, taken modulo 2^32). */
export function nameSeed(name: string, seed: number): number {
  let hash = FNV_OFFSET_BASIS;
  for (const byte of Buffer.from(name, 'utf8')) {
    hash = imul(hash ^ byte, FNV_PRIME);
  }
  return (hash ^ seed) >>> 0;
}

/** What is added to an index before it is hashed. */
function indexOffset(name: string, seed: number): number {
  return imul(nameSeed(name, seed), GOLDEN_RATIO_32);
}

function fractionAt(offset: number, index: number): number {
  return (lowbias32((offset + index) | 0) >>> 8) / FRACTIONS;
}

/** The first `count` fractions of `name`, in double precision. */
export function uniform(name: string, seed: number, count: number): Float64Array {
  const offset = indexOffset(name, seed);
  const fractions = new Float64Array(count);
  for (let i = 0; i < count; i++) fractions[i] = fractionAt(offset, i);
  return fractions;
}

/** The first `count` fractions of `name`, each mapped in double precision and then rounded to float32 once. */
export function mappedUniform(
  name: string,
  seed: number,
  count: number,
  map: (fraction: number) => number,
): Float32Array {
  const values = new Float32Array(count);
  mapUniformInto(values, name, seed, map);
  return values;
}

/** The same into memory that is there already, as many as it has places for. */
export function mapUniformInto(
  into: Float32Array,
  name: string,
  seed: number,
  map: (fraction: number) => number,
): void {
  const offset = indexOffset(name, seed);
  for (let i = 0; i < into.length; i++) into[i] = map(fractionAt(offset, i));
}

/**
 * Sum of `values`, each with a sign that the hash of `name` decides: unlike a norm, it changes when signs or the order
 * of elements are wrong. Accumulated in double precision.
 */
export function signedSum(name: string, seed: number, values: ArrayLike<number>): number {
  const offset = indexOffset(name, seed);
  let sum = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? 0;
    sum += fractionAt(offset, i) < 0.5 ? value : -value;
  }
  return sum;
}
