/**
 * Numbers from 0 to 1 that are the same for the same seed: `mulberry32` by Tommy Ettinger
 * (https://gist.github.com/tommyettinger/46a874533244883189143505d203312c), in the public domain.
 */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** One of the environment (`SEED`), to repeat what went wrong, or a new one. */
export function chooseSeed(): number {
  const given = Number(process.env.SEED);
  return Number.isInteger(given) && given > 0 ? given : 1 + Math.floor(Math.random() * 999_999);
}
