import type { Range } from '../../common/fields.js';

export const DATASET_SIZES: Range = { minimum: 1, maximum: 10_000_000_000 };

export const EPOCHS: Range = { minimum: 1, maximum: 1_000_000 };

export const BATCH_SIZES: Range = { minimum: 1, maximum: 1024 };

/** Pixels. */
export const IMAGE_SIDES: Range = { minimum: 1, maximum: 4096 };
