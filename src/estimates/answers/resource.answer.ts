import { choice, count, list, nullable, object } from '../../common/codec.js';
import type { SchemaObject } from '../../common/open-api.js';
import type { Interval } from '../../prediction/prediction.js';
import { batchTimeSchema } from '../batch-time.js';
import { type ComputedSize, computedSizeCodec } from '../computed-size.js';
import { intervalCodec } from '../interval.js';
import { obtainedEvidence, obtainedEvidenceSchema } from '../obtained-evidence.js';
import { figuresOf, isPrediction, type Obtained } from '../obtained.js';
import { KINDS, type Kind } from '../source.js';
import { UNITS, unitsCodec, type Units } from '../units.js';
import { warningCodec, type Warning } from '../warning.js';
import { KIND_DESCRIPTION, STEP_INTERVAL_DESCRIPTION } from './descriptions.js';

interface Intervals {
  readonly stepSeconds: Interval;
  readonly peakRssBytes: Interval;
}

interface Additions {
  readonly kind: Kind;
  readonly intervals: Intervals;
  readonly units: Units;
  readonly datasetSize: number | null;
  readonly computedImageSize: ComputedSize;
  readonly warnings: readonly Warning[];
}

const additionsCodec = object<Additions>({
  kind: choice(KINDS, KIND_DESCRIPTION),
  intervals: object<Intervals>(
    { stepSeconds: intervalCodec, peakRssBytes: intervalCodec },
    `${STEP_INTERVAL_DESCRIPTION} A measured peak was read once: its interval is the peak itself.`,
  ),
  units: unitsCodec,
  datasetSize: nullable(count('As the request says.')),
  computedImageSize: computedSizeCodec,
  warnings: list(warningCodec, 'What to know before trusting the figures.'),
});

/** What an answer says beside the figures. */
interface Context {
  readonly datasetSize: number | null;
  readonly computedImageSize: ComputedSize;
  readonly warnings: readonly Warning[];
}

/** The answer of `/estimate-resource`: the names that clients know, and in snake_case what the figures rest on. */
export function resourceAnswer(obtained: Obtained, context: Context): Readonly<Record<string, unknown>> {
  const { memory, gpu } = isPrediction(obtained) ? { memory: null, gpu: null } : obtained.measurement;
  const { kind, batchTime, stepSeconds, peakRssBytes, baselineRssBytes, cpuPeakPercent } = figuresOf(obtained);
  return {
    'Peak GPU Memory': memory?.gpu?.processPeakBytes ?? null,
    'Peak GPU Utilization': gpu?.processPeakPercent ?? null,
    'Peak RAM Memory': peakRssBytes.central,
    'Peak CPU Utilization': cpuPeakPercent,
    'Batch Time': batchTime,
    'RAM before training': baselineRssBytes,
    'VRAM before training': memory?.gpu?.deviceUsedBeforeBytes ?? null,
    ...additionsCodec.encode({ kind, intervals: { stepSeconds, peakRssBytes }, units: UNITS, ...context }),
    ...obtainedEvidence(obtained),
  };
}

const ofGpu = (description: string): SchemaObject => ({
  type: 'number',
  nullable: true,
  description: `${description} Null on a CPU, and where the driver does not tell.`,
});

export const resourceAnswerSchema: SchemaObject = {
  type: 'object',
  required: [
    'Peak GPU Memory',
    'Peak GPU Utilization',
    'Peak RAM Memory',
    'Peak CPU Utilization',
    'Batch Time',
    'RAM before training',
    'VRAM before training',
    ...(additionsCodec.definition.required ?? []),
    ...obtainedEvidenceSchema.required,
  ],
  properties: {
    'Peak GPU Memory': ofGpu(
      'Bytes: the most that the measuring process had of the GPU over the steps, as the driver sees it: context and libraries included.',
    ),
    'Peak GPU Utilization': ofGpu(
      'Percent: the largest share of a second of the steps in which the measuring process worked on the GPU.',
    ),
    'Peak RAM Memory': {
      type: 'integer',
      description:
        "Bytes: the highest resident set of the measuring process over the steps. The job's own, not the machine's.",
    },
    'Peak CPU Utilization': {
      type: 'number',
      description:
        'Percent of the cores that the process may use, 0 to 100; the highest over windows of at least 100 ms.',
    },
    'Batch Time': batchTimeSchema,
    'RAM before training': {
      type: 'integer',
      description: 'Bytes: resident set of the measuring process before the network was built.',
    },
    'VRAM before training': ofGpu(
      'Bytes: in use on the GPU before the measuring process was started, by whatever else is there.',
    ),
    ...additionsCodec.definition.properties,
    ...obtainedEvidenceSchema.properties,
  },
  description:
    'Predicted or measured; what describes a measurement is missing in a prediction, and the other way round.',
};
