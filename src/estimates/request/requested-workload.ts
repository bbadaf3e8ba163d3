import { jsonPointer } from '../../common/json-pointer.js';
import { invalidRequest } from '../../common/problem.js';
import type { Workload } from '../../profiles/workload.js';
import { SAMPLING_INTERVALS } from '../dto/limits.js';
import type { WorkloadDto } from '../dto/workload.dto.js';
import { requestedCounts } from './requested-counts.js';
import type { RequestedNetwork } from './requested-network.js';

/**
 * All that decides the cost of what a request asks for.
 *
 * @param allowedCores cores that the runtime may use
 * @throws Problem 422 for more threads than cores
 */
export function toWorkload(dto: WorkloadDto, network: RequestedNetwork, allowedCores: number): Workload {
  const { description, options } = network;
  const threads = dto.threads ?? allowedCores;
  if (threads > allowedCores) {
    const detail = `is ${String(threads)}, but the service may use ${String(allowedCores)} cores: ask for as many threads at most.`;
    throw invalidRequest([{ pointer: jsonPointer(['threads']), detail }]);
  }
  return {
    architecture: description.name,
    options,
    applicationType: dto.application_type,
    batchSize: dto.batch_size,
    imageSize: dto.image_size,
    ...requestedCounts(dto, network),
    optimizer: dto.application_type === 'training' ? (dto.optimizer ?? 'sgd') : null,
    precision: dto.precision ?? 'fp32',
    runtime: dto.runtime ?? 'onnxruntime',
    device: dto.device ?? 'cpu',
    threads,
    ...(dto.threading === true
      ? { monitoring: 'interval', samplingIntervalSeconds: dto.sampling_interval_seconds ?? SAMPLING_INTERVALS.minimum }
      : { monitoring: 'stepwise', samplingIntervalSeconds: null }),
  };
}
