import { count, pair } from '../common/codec.js';
import type { MeasuredNetwork } from '../profiles/measurement.js';

/** `[height, width]` in pixels. */
export type ComputedSize = MeasuredNetwork['computedImageSize'];

/** Detectors resize: images of 256x256 and of 512x512 may cost the same, and no figure can be read without this. */
export const computedSizeCodec = pair(
  count(),
  '[height, width] in pixels that the network computes at, after its own resizing; of times that were given, as the request says.',
);
