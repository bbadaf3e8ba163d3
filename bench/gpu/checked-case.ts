import type { ApplicationType, Precision } from '../../src/profiles/workload.js';

/** What is measured on the GPU, and compared. */
export interface GpuCase {
  readonly architecture: string;
  readonly applicationType: ApplicationType;
  readonly precision: Precision;
  readonly batchSize: number;
  readonly imageSize: readonly [height: number, width: number];
}

const NETWORKS: readonly Pick<GpuCase, 'architecture' | 'batchSize' | 'imageSize'>[] = [
  { architecture: 'resnet50', batchSize: 32, imageSize: [224, 224] },
  { architecture: 'ssdlite320_mobilenet_v3_large', batchSize: 32, imageSize: [320, 320] },
  { architecture: 'fasterrcnn_resnet50_fpn', batchSize: 4, imageSize: [800, 800] },
];
const APPLICATIONS: readonly ApplicationType[] = ['training', 'inference'];

export function gpuCases(precisions: readonly Precision[]): readonly GpuCase[] {
  return NETWORKS.flatMap((network) =>
    APPLICATIONS.flatMap((applicationType) =>
      precisions.map((precision) => ({ ...network, applicationType, precision })),
    ),
  );
}

/** Shares of the step that its phases take; the optimizer belongs to the backward pass of an answer. */
export interface Split {
  readonly forward: number;
  readonly backward: number;
}

/** What was found of one case, by the service and by others. */
export interface CheckedCase {
  readonly wanted: GpuCase;
  readonly stepSeconds: number;
  /** Null for inference. */
  readonly split: Split | null;
  readonly profilerSplit: Split | null;
  readonly allocatedBytes: number | null;
  readonly torchAllocatedBytes: number;
  readonly reservedBytes: number | null;
  readonly torchReservedBytes: number;
  /** Null where the driver does not tell. */
  readonly processPeakBytes: number | null;
  readonly deviceUsedBytes: number | null;
  readonly smiUsedBytes: number | null;
  readonly devicePercent: number | null;
  readonly smiPercent: number | null;
}

/** Of the shares of a step. */
export const SPLIT_TOLERANCE = 0.05;
/** Both look a few times a second: not at the same moments. */
export const MEMORY_TOLERANCE = 0.05;
export const UTILIZATION_TOLERANCE_POINTS = 5;

/** What is not as it has to be; empty where all is. What the driver does not tell is not wrong, and stands in the table. */
export function faultsOf(checked: CheckedCase): readonly string[] {
  const { split, profilerSplit } = checked;
  const faults: string[] = [];
  if (split !== null && profilerSplit !== null && Math.abs(split.forward - profilerSplit.forward) > SPLIT_TOLERANCE) {
    faults.push('forward share');
  }
  if (checked.allocatedBytes !== checked.torchAllocatedBytes) faults.push('allocated memory');
  if (checked.reservedBytes !== checked.torchReservedBytes) faults.push('reserved memory');
  const { deviceUsedBytes: used, smiUsedBytes: seen, devicePercent: percent, smiPercent } = checked;
  if (used !== null && seen !== null && Math.abs(used - seen) > MEMORY_TOLERANCE * seen) faults.push('memory in use');
  if (percent !== null && smiPercent !== null && Math.abs(percent - smiPercent) > UTILIZATION_TOLERANCE_POINTS) {
    faults.push('utilisation');
  }
  return faults;
}
