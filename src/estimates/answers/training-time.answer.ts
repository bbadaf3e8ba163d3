import { choice, count, list, object } from '../../common/codec.js';
import type { SchemaObject } from '../../common/open-api.js';
import { batchTimeSchema, type BatchTime } from '../batch-time.js';
import { type ComputedSize, computedSizeCodec } from '../computed-size.js';
import { evidenceCodec, evidenceOf } from '../evidence.js';
import type { ObtainedMeasurement } from '../measured-workloads.service.js';
import { UNITS, unitsCodec, type Units } from '../units.js';
import { warningCodec, type Warning } from '../warning.js';

export interface TrainingPlan {
  readonly batchTime: BatchTime;
  readonly batchSize: number;
  readonly datasetSize: number;
  readonly epochs: number;
  readonly computedImageSize: ComputedSize;
}

interface Additions {
  readonly kind: 'measured' | 'computed';
  readonly units: Units;
  readonly datasetSize: number;
  readonly batchesPerEpoch: number;
  readonly epochs: number;
  readonly computedImageSize: ComputedSize;
  readonly warnings: readonly Warning[];
}

const additionsCodec = object<Additions>({
  kind: choice(['measured', 'computed'], '`computed`: from the batch time in the request.'),
  units: unitsCodec,
  datasetSize: count('Images of an epoch.'),
  batchesPerEpoch: count('dataset_size / batch_size, rounded up.'),
  epochs: count(),
  computedImageSize: computedSizeCodec,
  warnings: list(warningCodec, 'What to know before trusting the figures.'),
});

/**
 * The answer of `/estimate-training-time`.
 *
 * @param obtained null when the batch time was given
 */
export function trainingTimeAnswer(
  { batchTime, batchSize, datasetSize, epochs, computedImageSize }: TrainingPlan,
  obtained: ObtainedMeasurement | null,
  warnings: readonly Warning[],
): Readonly<Record<string, unknown>> {
  const batchesPerEpoch = Math.ceil(datasetSize / batchSize);
  const kind = obtained === null ? 'computed' : 'measured';
  return {
    'Total Training Time': (batchTime.forward_pass + (batchTime.backward_pass ?? 0)) * batchesPerEpoch * epochs,
    'Batch Time': batchTime,
    ...additionsCodec.encode({
      kind,
      units: UNITS,
      datasetSize,
      batchesPerEpoch,
      epochs,
      computedImageSize,
      warnings,
    }),
    ...(obtained && evidenceCodec.encode(evidenceOf(obtained))),
  };
}

export const trainingTimeAnswerSchema: SchemaObject = {
  type: 'object',
  required: ['Total Training Time', 'Batch Time', ...(additionsCodec.definition.required ?? [])],
  properties: {
    'Total Training Time': {
      type: 'number',
      description:
        'Seconds: (forward_pass + backward_pass) x batches_per_epoch x epochs, of the figures in this answer.',
    },
    'Batch Time': batchTimeSchema,
    ...additionsCodec.definition.properties,
    ...evidenceCodec.definition.properties,
  },
  description: 'What describes the measurement is missing where nothing was measured.',
};
