import { choice, list, object } from '../../common/codec.js';
import type { SchemaObject } from '../../common/open-api.js';
import { batchTimeOf } from '../batch-time.js';
import { type ComputedSize, computedSizeCodec } from '../computed-size.js';
import { evidenceCodec, evidenceOf, type Evidence } from '../evidence.js';
import type { ObtainedMeasurement } from '../measured-workloads.service.js';
import { UNITS, unitsCodec, type Units } from '../units.js';
import { warningCodec, type Warning } from '../warning.js';

const ONE_IMAGE_KEY = '1-Image Inference Time';

const batchKey = (batchSize: number | string): string => `Batch of ${String(batchSize)} Inference Time`;

interface Additions {
  readonly kind: 'measured' | 'computed';
  readonly units: Units;
  readonly oneImageKind: 'measured' | 'given' | 'divided';
  readonly computedImageSize: ComputedSize;
  readonly warnings: readonly Warning[];
}

const additionsCodec = object<Additions>({
  kind: choice(['measured', 'computed'], '`computed`: from the batch time in the request.'),
  units: unitsCodec,
  oneImageKind: choice(
    ['measured', 'given', 'divided'],
    'How the time of one image was obtained: `measured` with batch 1; `given` by a request of batch 1; `divided` out of the given time of a batch, which is less than one image alone takes.',
  ),
  computedImageSize: computedSizeCodec,
  warnings: list(warningCodec, 'What to know before trusting the figures.'),
});

interface Measurements {
  readonly oneImage: Evidence;
  readonly batch: Evidence;
}

const measurementsCodec = object<Measurements>(
  { oneImage: evidenceCodec, batch: evidenceCodec },
  'What the times rest on; missing where nothing was measured.',
);

/** The answer of `/estimate-inference-time` out of two measurements; with batch 1 they are the same one. */
export function measuredInferenceTimeAnswer(
  oneImage: ObtainedMeasurement,
  batch: ObtainedMeasurement,
  warnings: readonly Warning[],
): Readonly<Record<string, unknown>> {
  const { computedImageSize } = batch.measurement.network;
  return {
    [ONE_IMAGE_KEY]: batchTimeOf(oneImage.measurement.times).forward_pass,
    [batchKey(batch.measurement.workload.batchSize)]: batchTimeOf(batch.measurement.times).forward_pass,
    ...additionsCodec.encode({ kind: 'measured', units: UNITS, oneImageKind: 'measured', computedImageSize, warnings }),
    measurements: measurementsCodec.encode({ oneImage: evidenceOf(oneImage), batch: evidenceOf(batch) }),
  };
}

/** The answer of `/estimate-inference-time` out of a batch time that the client brought. */
export function computedInferenceTimeAnswer(
  batchSeconds: number,
  batchSize: number,
  computedImageSize: ComputedSize,
  warnings: readonly Warning[],
): Readonly<Record<string, unknown>> {
  const divided: Warning = {
    code: 'one-image-divided',
    detail: `The time of one image is the given time of a batch divided by ${String(batchSize)}; one image alone takes longer than that. Send the fields flat to have it measured.`,
  };
  return {
    [ONE_IMAGE_KEY]: batchSeconds / batchSize,
    [batchKey(batchSize)]: batchSeconds,
    ...additionsCodec.encode({
      kind: 'computed',
      units: UNITS,
      oneImageKind: batchSize === 1 ? 'given' : 'divided',
      computedImageSize,
      warnings: batchSize === 1 ? warnings : [divided, ...warnings],
    }),
  };
}

export const inferenceTimeAnswerSchema: SchemaObject = {
  type: 'object',
  required: [ONE_IMAGE_KEY, ...(additionsCodec.definition.required ?? [])],
  properties: {
    [ONE_IMAGE_KEY]: { type: 'number', description: 'Seconds.' },
    ...additionsCodec.definition.properties,
    measurements: measurementsCodec.schema,
  },
  additionalProperties: {
    type: 'number',
    description: `Seconds, under the name "${batchKey('{batch_size}')}", such as "${batchKey(8)}".`,
  },
};
