import type { SchemaObject } from '../common/open-api.js';
import type { StepTimes } from '../profiles/measurement.js';

/** Seconds of one batch, by the names that clients know. */
export interface BatchTime {
  readonly forward_pass: number;
  /** With the optimizer, so that the two sum to the whole step; null for inference. */
  readonly backward_pass: number | null;
}

export const batchTimeSchema: SchemaObject = {
  type: 'object',
  required: ['forward_pass', 'backward_pass'],
  properties: {
    forward_pass: { type: 'number', description: 'Seconds.' },
    backward_pass: {
      type: 'number',
      nullable: true,
      description: 'Seconds of the backward pass and the optimizer together; null for inference.',
    },
  },
};

export function batchTimeOf({
  forwardSeconds,
  backwardSeconds,
  optimizerSeconds,
}: Pick<StepTimes, 'forwardSeconds' | 'backwardSeconds' | 'optimizerSeconds'>): BatchTime {
  return {
    forward_pass: forwardSeconds,
    backward_pass: backwardSeconds === null ? null : backwardSeconds + (optimizerSeconds ?? 0),
  };
}
