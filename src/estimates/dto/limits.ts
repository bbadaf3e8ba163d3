import type { Range } from '../../common/fields.js';

export const DATASET_SIZES: Range = { minimum: 1, maximum: 10_000_000_000 };

export const EPOCHS: Range = { minimum: 1, maximum: 1_000_000 };

export const BATCH_SIZES: Range = { minimum: 1, maximum: 1024 };

/** Those of the environment's `MEASURE_MAX_STEPS`: two steps of warm-up and two that are timed, or more. */
export const MEASURING_STEPS: Range = { minimum: 4, maximum: 100_000 };

/** Those of the environment's `MEASURE_MAX_SECONDS`. */
export const MEASURING_SECONDS: Range = { minimum: 1, maximum: 86_400 };

/** Reading a process takes some ten microseconds: more often than that it would disturb what it watches. */
export const SAMPLING_INTERVALS: Range = { minimum: 0.01, maximum: 60 };

/** Pixels. */
export const IMAGE_SIDES: Range = { minimum: 1, maximum: 4096 };

/** Images in a second. */
export const LOADING_RATES: Range = { minimum: 0.001, maximum: 1_000_000_000 };

/** Of a whole. */
export const SHARES: Range = { minimum: 0, maximum: 1 };

/** Bytes; up to a pebibyte. */
export const MEMORY_BUDGETS: Range = { minimum: 1, maximum: 2 ** 50 };
