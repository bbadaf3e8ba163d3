import { choice, count, list, number, object, text } from '../../common/codec.js';
import type { SchemaObject } from '../../common/open-api.js';
import type { Interval } from '../../prediction/prediction.js';
import { batchTimeSchema, type BatchTime } from '../batch-time.js';
import { type ComputedSize, computedSizeCodec } from '../computed-size.js';
import { intervalCodec } from '../interval.js';
import { obtainedEvidence, obtainedEvidenceSchema, obtainedEvidenceSchemaOfOne } from '../obtained-evidence.js';
import { executedByCodec, type ExecutedBy } from '../executed-by.js';
import { figuresOf, type Obtained } from '../obtained.js';
import { KINDS, weakestOf, type Kind } from '../source.js';
import {
  batchesPerEpoch,
  LINE_NAMES,
  totalInterval,
  totalSeconds,
  trainingLines,
  type TrainingLine,
  type TrainingPlan,
} from '../training-plan.js';
import { UNITS, unitsCodec, type Units } from '../units.js';
import { warningCodec, type Warning } from '../warning.js';
import { KIND_DESCRIPTION, STEP_INTERVAL_DESCRIPTION } from './descriptions.js';

interface Additions {
  readonly kind: Kind | 'computed';
  readonly lines: readonly TrainingLine[];
  readonly units: Units;
  readonly datasetSize: number;
  readonly batchesPerEpoch: number;
  readonly epochs: number;
  readonly computedImageSize: ComputedSize;
  readonly warnings: readonly Warning[];
}

const additionsCodec = object<Additions>({
  kind: choice([...KINDS, 'computed'], `${KIND_DESCRIPTION} \`computed\`: from the batch time in the request.`),
  lines: list(
    object<TrainingLine>({
      name: choice(LINE_NAMES),
      seconds: number(),
      how: text('Out of what it was computed.'),
    }),
    'All that the total is the sum of: `training`, and what the request gives besides.',
  ),
  units: unitsCodec,
  datasetSize: count('Images of an epoch.'),
  batchesPerEpoch: count('dataset_size / batch_size, rounded up.'),
  epochs: count(),
  computedImageSize: computedSizeCodec,
  warnings: list(warningCodec, 'What to know before trusting the figures.'),
});

interface Intervals {
  readonly stepSeconds: Interval;
  readonly total: Interval;
}

const intervalsCodec = object<Intervals>(
  { stepSeconds: intervalCodec, total: intervalCodec },
  `${STEP_INTERVAL_DESCRIPTION} Of the total: at both ends of what its batches take, since they are wrong together. Missing where the batch time was given.`,
);

/** What an answer says beside the figures. */
interface Context {
  readonly computedImageSize: ComputedSize;
  readonly warnings: readonly Warning[];
}

/**
 * The answer of `/estimate-training-time`.
 *
 * @param validation an inference of the batch; null where the training has no validation passes
 */
export function trainingTimeAnswer(
  plan: TrainingPlan,
  step: Obtained,
  validation: Obtained | null,
  context: Context,
): Readonly<Record<string, unknown>> {
  const { kind, batchTime, stepSeconds } = figuresOf(step);
  const inference = validation && figuresOf(validation);
  const kinds = inference === null ? [kind] : [kind, inference.kind];
  const total = totalInterval(plan, batchTime, stepSeconds, inference?.stepSeconds ?? null);
  return {
    ...computed(plan, weakestOf(kinds), batchTime, inference?.batchTime.forward_pass, context),
    intervals: intervalsCodec.encode({ stepSeconds, total }),
    ...obtainedEvidence(step),
    ...(validation && { validation: obtainedEvidence(validation) }),
  };
}

/** The same out of a batch time that the client brought. */
export function computedTrainingTimeAnswer(
  plan: TrainingPlan,
  batchTime: BatchTime,
  context: Context,
  runtime: ExecutedBy,
): Readonly<Record<string, unknown>> {
  return {
    ...computed(plan, 'computed', batchTime, undefined, context),
    runtime: executedByCodec.encode(runtime),
  };
}

function computed(
  plan: TrainingPlan,
  kind: Additions['kind'],
  batchTime: BatchTime,
  validationBatchSeconds: number | undefined,
  context: Context,
): Readonly<Record<string, unknown>> {
  const lines = trainingLines(plan, batchTime, validationBatchSeconds);
  const { datasetSize, epochs } = plan;
  const additions = { kind, lines, units: UNITS, datasetSize, batchesPerEpoch: batchesPerEpoch(plan), epochs };
  return {
    'Total Training Time': totalSeconds(lines),
    'Batch Time': batchTime,
    ...additionsCodec.encode({ ...additions, ...context }),
  };
}

export const trainingTimeAnswerSchema: SchemaObject = {
  type: 'object',
  required: ['Total Training Time', 'Batch Time', 'runtime', ...(additionsCodec.definition.required ?? [])],
  properties: {
    'Total Training Time': {
      type: 'number',
      description:
        'Seconds: the sum of `lines`. Unless more is asked for, (forward_pass + backward_pass) x batches_per_epoch x epochs, of the figures in this answer.',
    },
    'Batch Time': batchTimeSchema,
    ...additionsCodec.definition.properties,
    intervals: intervalsCodec.schema,
    ...obtainedEvidenceSchema.properties,
    validation: obtainedEvidenceSchemaOfOne,
  },
  description: 'What describes measurements and predictions is missing where the batch time was given.',
};
