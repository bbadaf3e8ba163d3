import type { Range } from '../common/fields.js';

/** What the fields of a request that shape a network or its work may hold, whatever the network. */
export const FIELD_RANGES = {
  num_classes: { minimum: 2, maximum: 2000 },
  trainable_backbone_layers: { minimum: 0, maximum: 10 },
  min_size: { minimum: 64, maximum: 4096 },
  max_size: { minimum: 64, maximum: 8192 },
  objects_per_image: { minimum: 1, maximum: 500 },
  positives_per_image: { minimum: 1, maximum: 512 },
  candidates_per_image: { minimum: 0, maximum: 1_000_000 },
  detections_per_image: { minimum: 0, maximum: 1000 },
} as const satisfies Record<string, Range>;
