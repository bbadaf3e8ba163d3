import { choice, list, object } from '../../common/codec.js';
import type { SchemaObject } from '../../common/open-api.js';
import type { Interval } from '../../prediction/prediction.js';
import { type ComputedSize, computedSizeCodec } from '../computed-size.js';
import { intervalCodec } from '../interval.js';
import { obtainedEvidence, obtainedEvidenceSchemaOfOne } from '../obtained-evidence.js';
import { executedBy, executedByCodec, type ExecutedBy } from '../executed-by.js';
import { figuresOf, type Obtained, workloadOf } from '../obtained.js';
import { KINDS, weakestOf, type Kind } from '../source.js';
import { UNITS, unitsCodec, type Units } from '../units.js';
import { warningCodec, type Warning } from '../warning.js';
import { KIND_DESCRIPTION, STEP_INTERVAL_DESCRIPTION } from './descriptions.js';

const ONE_IMAGE_KEY = '1-Image Inference Time';

const batchKey = (batchSize: number | string): string => `Batch of ${String(batchSize)} Inference Time`;

interface Additions {
  readonly kind: Kind | 'computed';
  readonly units: Units;
  readonly oneImageKind: Kind | 'given' | 'divided';
  readonly batchKind: Kind | 'given';
  readonly computedImageSize: ComputedSize;
  readonly runtime: ExecutedBy;
  readonly warnings: readonly Warning[];
}

const additionsCodec = object<Additions>({
  kind: choice([...KINDS, 'computed'], `${KIND_DESCRIPTION} \`computed\`: from the batch time in the request.`),
  units: unitsCodec,
  oneImageKind: choice(
    [...KINDS, 'given', 'divided'],
    'How the time of one image was obtained: `measured` with batch 1, or `interpolated` or `predicted` for it; `given` by a request of batch 1; `divided` out of the given time of a batch, which is less than one image alone takes.',
  ),
  batchKind: choice([...KINDS, 'given'], 'How the time of the batch was obtained.'),
  computedImageSize: computedSizeCodec,
  runtime: executedByCodec,
  warnings: list(warningCodec, 'What to know before trusting the figures.'),
});

interface Intervals {
  readonly oneImageSeconds: Interval;
  readonly batchSeconds: Interval;
}

const intervalsCodec = object<Intervals>(
  { oneImageSeconds: intervalCodec, batchSeconds: intervalCodec },
  `${STEP_INTERVAL_DESCRIPTION} Missing where the times were given.`,
);

/** What an answer says beside the figures. */
interface Context {
  readonly batchSize: number;
  readonly computedImageSize: ComputedSize;
  readonly warnings: readonly Warning[];
}

/** The answer of `/estimate-inference-time` out of two measurements or predictions; with batch 1 they are the same one. */
export function inferenceTimeAnswer(
  oneImage: Obtained,
  batch: Obtained,
  { batchSize, computedImageSize, warnings }: Context,
): Readonly<Record<string, unknown>> {
  const one = figuresOf(oneImage);
  const all = figuresOf(batch);
  return {
    [ONE_IMAGE_KEY]: one.batchTime.forward_pass,
    [batchKey(batchSize)]: all.batchTime.forward_pass,
    ...additionsCodec.encode({
      kind: weakestOf([one.kind, all.kind]),
      units: UNITS,
      oneImageKind: one.kind,
      batchKind: all.kind,
      computedImageSize,
      runtime: executedBy(workloadOf(batch), batch.machine),
      warnings,
    }),
    intervals: intervalsCodec.encode({ oneImageSeconds: one.stepSeconds, batchSeconds: all.stepSeconds }),
    measurements: { one_image: obtainedEvidence(oneImage), batch: obtainedEvidence(batch) },
  };
}

/** The answer of `/estimate-inference-time` out of a batch time that the client brought. */
export function computedInferenceTimeAnswer(
  batchSeconds: number,
  { batchSize, computedImageSize, warnings }: Context,
  runtime: ExecutedBy,
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
      batchKind: 'given',
      computedImageSize,
      runtime,
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
    intervals: intervalsCodec.schema,
    measurements: {
      type: 'object',
      required: ['one_image', 'batch'],
      properties: { one_image: obtainedEvidenceSchemaOfOne, batch: obtainedEvidenceSchemaOfOne },
      description: 'What the times rest on; missing where they were given.',
    },
  },
  additionalProperties: {
    type: 'number',
    description: `Seconds, under the name "${batchKey('{batch_size}')}", such as "${batchKey(8)}".`,
  },
};
