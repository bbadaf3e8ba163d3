import { invalidRequest } from '../../common/problem.js';
import type { GivenResultsDto } from '../dto/given-results.dto.js';
import type { WorkloadDto } from '../dto/workload.dto.js';

const COMPARED = [
  'architecture',
  'application_type',
  'batch_size',
  'image_size',
  'runtime',
  'device',
  'precision',
] as const;

/** Of fields that a request may leave out. */
const DEFAULTS: Partial<Record<(typeof COMPARED)[number], string>> = {
  runtime: 'onnxruntime',
  device: 'cpu',
  precision: 'fp32',
};

/**
 * Whoever gives an answer back with a request that it does not answer has mixed up two of them.
 *
 * @throws Problem 422 with a pointer to each field of the answer's workload that is another than the request's
 */
export function refuseOtherResults(request: WorkloadDto, { workload }: GivenResultsDto): void {
  const asked = (field: (typeof COMPARED)[number]): unknown => request[field] ?? DEFAULTS[field];
  const others = COMPARED.filter((field) => {
    const given = workload?.[field];
    return given !== undefined && JSON.stringify(given) !== JSON.stringify(asked(field));
  });
  if (others.length === 0) return;
  throw invalidRequest(
    others.map((field) => ({
      pointer: `#/resource_estimation_results/workload/${field}`,
      detail: `is ${JSON.stringify(workload?.[field])}, but the request says ${JSON.stringify(asked(field))}: give the answer to that very request.`,
    })),
  );
}
