import { choice, count, flag, list, named, nullable, number, object, text } from '../../common/codec.js';
import type { SchemaObject } from '../../common/open-api.js';
import type { Machine } from '../../hardware/machine.js';
import { machineCodec } from '../../hardware/machine.codec.js';
import type { Interval } from '../../prediction/prediction.js';
import type { MemoryBreakdown } from '../../predicting/memory-breakdown.js';
import { workloadCodec } from '../../profiles/measurement.codec.js';
import type { Workload } from '../../profiles/workload.js';
import { type ComputedSize, computedSizeCodec } from '../computed-size.js';
import { executedBy, executedByCodec, type ExecutedBy } from '../executed-by.js';
import { intervalCodec } from '../interval.js';
import { obtainedEvidence, obtainedEvidenceSchema } from '../obtained-evidence.js';
import type { Obtained } from '../obtained.js';
import { KINDS, type Kind } from '../source.js';
import { UNITS, unitsCodec, type Units } from '../units.js';
import { warningCodec, type Warning } from '../warning.js';
import { KIND_DESCRIPTION } from './descriptions.js';

/** Whether a workload fits, and why. */
export interface FitAnswer {
  readonly fits: boolean;
  readonly kind: Kind | 'planned';
  readonly neededBytes: Interval;
  readonly memoryBudgetBytes: number;
  readonly peakRssBytes: Interval;
  /** Null where nothing is predicted: then other batches are not known either. */
  readonly breakdown: MemoryBreakdown | null;
  readonly largestBatchSize: number | null;
  readonly computedImageSize: ComputedSize;
  readonly warnings: readonly Warning[];
}

interface Told extends FitAnswer {
  readonly headroomBytes: number;
  readonly why: string;
  readonly units: Units;
}

export const memoryBreakdownCodec = named(
  'MemoryBreakdown',
  object<MemoryBreakdown>(
    {
      weightsBytes: count('Parameters and buffers of the network.'),
      gradientsBytes: count(
        'Results of the backward pass: gradients of parameters and of activations; 0 for an inference.',
      ),
      optimizerBytes: count('What the optimizer keeps between steps: velocities; 0 for an inference.'),
      activationsBytes: count('Images and targets, and results of the forward pass that are still needed.'),
      workspaceBytes: count('What operators need for their own work.'),
      runtimeBytes: count(
        'The process (Node.js, or Python with PyTorch), the runtime with its model, and what its allocator holds beyond the rest.',
      ),
    },
    'Bytes at the peak by what they are for; they sum to the central value of the peak.',
  ),
);

function intervalSaying(description: string): typeof intervalCodec {
  return { ...intervalCodec, schema: { allOf: [intervalCodec.schema], description } };
}

const toldCodec = object<Told>({
  fits: flag('Whether the upper end of what is needed lies within the budget.'),
  kind: choice(
    [...KINDS, 'planned'],
    `${KIND_DESCRIPTION} \`planned\`: from the graph alone, where nothing was measured, or too little to try predictions out.`,
  ),
  neededBytes: intervalSaying(
    'What the process needs of memory: its highest resident set, while it loads the workload or runs its steps, less the pages of program files that the kernel takes back when it must. It is more than `high` in 5 of 100 cases. What was measured was read once, what is planned has no interval: there all three are the same.',
  ),
  memoryBudgetBytes: count('What the verdict is about.'),
  headroomBytes: number('The budget less the upper end of what is needed; negative where it does not fit.'),
  peakRssBytes: intervalSaying(
    'Highest resident set of the process while it runs its steps, pages of program files included.',
  ),
  breakdown: nullable(memoryBreakdownCodec),
  largestBatchSize: nullable(
    count(
      'The largest batch of this workload that fits, of those that can be asked for; null where none does, and for devices of which nothing is predicted (`breakdown` is null then).',
    ),
  ),
  why: text('The verdict in words.'),
  units: unitsCodec,
  computedImageSize: computedSizeCodec,
  warnings: list(warningCodec, 'What to know before trusting the figures.'),
});

interface Subject {
  readonly workload: Workload;
  readonly machine: Machine;
}

const subjectCodec = object<Subject & { readonly runtime: ExecutedBy }>({
  workload: workloadCodec,
  machine: machineCodec,
  runtime: executedByCodec,
});

/** The answer of `/estimate-fit`. @param obtained null where the peak is planned */
export function fitAnswer(
  figures: FitAnswer,
  obtained: Obtained | null,
  subject: Subject,
): Readonly<Record<string, unknown>> {
  const headroomBytes = Math.floor(figures.memoryBudgetBytes - figures.neededBytes.high);
  return {
    ...toldCodec.encode({ ...figures, headroomBytes, why: reasonOf(figures), units: UNITS }),
    ...(obtained === null
      ? subjectCodec.encode({ ...subject, runtime: executedBy(subject.workload, subject.machine) })
      : obtainedEvidence(obtained)),
  };
}

const SOURCE_OF_NEED: Readonly<Record<FitAnswer['kind'], string>> = {
  measured: 'was measured to need',
  interpolated: 'is predicted, from measurements around it, to need no more than',
  predicted: 'is predicted to need no more than',
  planned: 'is planned, from its graph alone, to need',
};

function reasonOf({ fits, kind, breakdown, neededBytes, memoryBudgetBytes, largestBatchSize }: FitAnswer): string {
  const verdict = fits ? 'It fits' : 'It does not fit';
  const largest =
    breakdown === null
      ? 'What other batches need is not predicted of this runtime and device: measure them'
      : largestBatchSize === null
        ? 'No batch of it would fit'
        : `The largest batch that fits is ${largestBatchSize}`;
  return `${verdict}: the workload ${SOURCE_OF_NEED[kind]} ${mebibytes(neededBytes.high)} MiB, and the budget is ${mebibytes(memoryBudgetBytes)} MiB. ${largest}.`;
}

function mebibytes(bytes: number): number {
  return Math.round(bytes / 2 ** 20);
}

export const fitAnswerSchema: SchemaObject = {
  type: 'object',
  required: [...(toldCodec.definition.required ?? []), ...(subjectCodec.definition.required ?? [])],
  properties: { ...obtainedEvidenceSchema.properties, ...toldCodec.definition.properties },
};
