import { unknownArchitecture } from '../../architectures/unknown-architecture.js';
import { jsonPointer } from '../../common/json-pointer.js';
import { invalidRequest } from '../../common/problem.js';
import { architectures } from '../../engine/zoo/catalogue.js';
import type { ArchitectureDescription } from '../../engine/zoo/description.js';
import { computedImageSize } from '../../engine/zoo/facts.js';
import type { WorkloadDto } from '../dto/workload.dto.js';
import type { Warning } from '../warning.js';
import type { Contradiction } from './contradiction.js';
import { wrongCounts, type SizedNetwork } from './requested-counts.js';
import { wrongExecution } from './requested-execution.js';
import { ignoredOptions, requestedOptions, wrongOptions } from './requested-options.js';

/** The network that a request means, with every option filled in. */
export interface RequestedNetwork extends SizedNetwork {
  readonly warnings: readonly Warning[];
}

/**
 * @param parents where in the body the request is, for the pointers to its fields
 * @throws Problem 404 for an unknown architecture, 422 for fields that contradict each other or the architecture
 */
export function toNetwork(dto: WorkloadDto, parents: readonly string[] = []): RequestedNetwork {
  const description = architectures.get(dto.architecture);
  if (description === undefined) {
    throw unknownArchitecture(dto.architecture, jsonPointer([...parents, 'architecture']));
  }
  const options = requestedOptions(dto, description);
  const computed = computedImageSize(description.name, options, dto.image_size);
  const network: SizedNetwork = { description, options, computedImageSize: computed };
  const wrong = [
    ...wrongTask(dto, description),
    ...wrongImageSize(dto, network),
    ...wrongOptions(dto, description),
    ...wrongOptimizer(dto),
    ...wrongInterval(dto),
    ...wrongCounts(dto, network),
    ...wrongExecution(dto),
  ];
  if (wrong.length > 0) {
    throw invalidRequest(wrong.map(({ field, detail }) => ({ pointer: jsonPointer([...parents, field]), detail })));
  }
  return { ...network, warnings: ignoredOptions(dto, description, options) };
}

function wrongTask({ task_type }: WorkloadDto, { name, task }: ArchitectureDescription): Contradiction[] {
  if (task_type === undefined || task_type === task) return [];
  return [{ field: 'task_type', detail: `is "${task_type}", but ${name} is for "${task}".` }];
}

/** Images of which nothing would be left: on the way through the network, or by its own resizing of a narrow one. */
function wrongImageSize(
  { image_size: [height, width] }: WorkloadDto,
  { description: { name, smallestImageSide }, computedImageSize: computed }: SizedNetwork,
): Contradiction[] {
  const given = `is [${String(height)}, ${String(width)}]`;
  if (Math.min(height, width) < smallestImageSide) {
    const detail = `${given}, but ${name} needs ${String(smallestImageSide)} pixels or more on each side.`;
    return [{ field: 'image_size', detail }];
  }
  if (Math.min(...computed) > 0) return [];
  const detail = `${given}, of which ${name} computes ${computed.join('x')} pixels: the sides must be nearer to each other.`;
  return [{ field: 'image_size', detail }];
}

function wrongOptimizer({ application_type, optimizer }: WorkloadDto): Contradiction[] {
  if (application_type === 'training' || optimizer === undefined) return [];
  const detail = 'does not go with application_type "inference": only training changes parameters. Leave it out.';
  return [{ field: 'optimizer', detail }];
}

function wrongInterval({ threading, sampling_interval_seconds }: WorkloadDto): Contradiction[] {
  if (threading === true || sampling_interval_seconds === undefined) return [];
  const detail = 'goes with "threading": true only: else no samples are taken. Leave it out, or set threading.';
  return [{ field: 'sampling_interval_seconds', detail }];
}
