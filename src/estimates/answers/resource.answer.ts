import { choice, count, list, nullable, object } from '../../common/codec.js';
import type { SchemaObject } from '../../common/open-api.js';
import { batchTimeOf, batchTimeSchema } from '../batch-time.js';
import { type ComputedSize, computedSizeCodec } from '../computed-size.js';
import { evidenceCodec, evidenceOf } from '../evidence.js';
import type { ObtainedMeasurement } from '../measured-workloads.service.js';
import { UNITS, unitsCodec, type Units } from '../units.js';
import { warningCodec, type Warning } from '../warning.js';

interface Additions {
  readonly kind: 'measured';
  readonly units: Units;
  readonly datasetSize: number | null;
  readonly computedImageSize: ComputedSize;
  readonly warnings: readonly Warning[];
}

const additionsCodec = object<Additions>({
  kind: choice(['measured']),
  units: unitsCodec,
  datasetSize: nullable(count('As the request says.')),
  computedImageSize: computedSizeCodec,
  warnings: list(warningCodec, 'What to know before trusting the figures.'),
});

/** The answer of `/estimate-resource`: the names that clients know, and in snake_case what the figures rest on. */
export function resourceAnswer(
  obtained: ObtainedMeasurement,
  datasetSize: number | null,
  warnings: readonly Warning[],
): Readonly<Record<string, unknown>> {
  const { memory, cpu, times, network } = obtained.measurement;
  const { computedImageSize } = network;
  return {
    'Peak GPU Memory': null,
    'Peak GPU Utilization': null,
    'Peak RAM Memory': memory.peakRssBytes,
    'Peak CPU Utilization': cpu.peakPercent,
    'Batch Time': batchTimeOf(times),
    'RAM before training': memory.baselineRssBytes,
    'VRAM before training': null,
    ...additionsCodec.encode({ kind: 'measured', units: UNITS, datasetSize, computedImageSize, warnings }),
    ...evidenceCodec.encode(evidenceOf(obtained)),
  };
}

const noGpu = (unit: string): SchemaObject => ({
  type: 'number',
  nullable: true,
  description: `${unit} Null where there is no GPU.`,
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
    ...(evidenceCodec.definition.required ?? []),
  ],
  properties: {
    'Peak GPU Memory': noGpu('Bytes.'),
    'Peak GPU Utilization': noGpu('Percent.'),
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
    'VRAM before training': noGpu('Bytes.'),
    ...additionsCodec.definition.properties,
    ...evidenceCodec.definition.properties,
  },
};
