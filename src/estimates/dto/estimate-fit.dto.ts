import { IntegerField } from '../../common/fields.js';
import { DATASET_SIZES, MEMORY_BUDGETS } from './limits.js';
import { WorkloadDto } from './workload.dto.js';

/** Body of `POST /api/v1/estimate-fit`. */
export class EstimateFitDto extends WorkloadDto {
  @IntegerField(MEMORY_BUDGETS, {
    optional: true,
    description:
      'Bytes that the process may have at its peak. By default what a measurement may take now: `MEMORY_BUDGET_BYTES` of the service, or else the memory that this machine has available.',
    example: 8_000_000_000,
  })
  memory_budget_bytes?: number;

  @IntegerField(DATASET_SIZES, {
    optional: true,
    description:
      'Images of an epoch. Has no part in what fits; taken so that a body of `/api/v1/estimate-resource` can be sent here.',
  })
  dataset_size?: number;
}
