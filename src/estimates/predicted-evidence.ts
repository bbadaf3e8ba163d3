import { choice, count, list, named, object, text, type Codec } from '../common/codec.js';
import type { Machine } from '../hardware/machine.js';
import { machineCodec } from '../hardware/machine.codec.js';
import type { Support } from '../prediction/prediction.js';
import { workloadCodec } from '../profiles/measurement.codec.js';
import type { Workload } from '../profiles/workload.js';
import type { ObtainedPrediction } from './obtained.js';
import { executedBy, executedByCodec, type ExecutedBy } from './executed-by.js';
import { measuringRequest } from './request/measuring-request.js';

/** Ids beyond these would make the answer longer and nobody wiser: the profile lists them all. */
const MOST_IDS = 20;

interface RestsOn {
  readonly measurementIds: readonly string[];
  readonly measurementCount: number;
}

/** What a prediction rests on. */
export interface PredictedEvidence {
  readonly workload: Workload;
  readonly support: Support;
  readonly restsOn: RestsOn;
  readonly proposal: Readonly<Record<string, unknown>>;
  readonly machine: Machine;
  readonly runtime: ExecutedBy;
}

/** As requests are written: their fields are described where they are taken. */
const proposalCodec: Codec<PredictedEvidence['proposal']> = {
  schema: {
    type: 'object',
    description:
      'A body for `/api/v1/estimate-resource`: the measurement that would narrow the interval most, often that of the workload itself.',
  },
  encode: (value) => value,
  decode: (value) => value as PredictedEvidence['proposal'],
};

export const predictedEvidenceCodec = named(
  'PredictedEvidence',
  object<PredictedEvidence>({
    workload: workloadCodec,
    support: choice(
      ['inside', 'beyond', 'unmeasured'],
      '`inside`: the workload lies within the batches, sizes and counts that were measured of this architecture; `beyond`: outside of them; `unmeasured`: the architecture never ran on this machine, and only its graph is known.',
    ),
    restsOn: object<RestsOn>({
      measurementIds: list(text(), `Of the same architecture and application type, newest first, ${MOST_IDS} at most.`),
      measurementCount: count(
        'All measurements of this machine with this runtime that the prediction took into account.',
      ),
    }),
    proposal: proposalCodec,
    machine: machineCodec,
    runtime: executedByCodec,
  }),
);

export function predictedEvidenceOf({ workload, prediction, basis, machine }: ObtainedPrediction): PredictedEvidence {
  return {
    workload,
    support: prediction.support,
    restsOn: {
      measurementIds: basis.measurementIds.slice(0, MOST_IDS),
      measurementCount: basis.measurementCount,
    },
    proposal: measuringRequest(prediction.proposal ?? workload),
    machine,
    runtime: executedBy(workload, machine),
  };
}
