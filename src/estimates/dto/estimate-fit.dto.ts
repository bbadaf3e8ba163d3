import { IntegerField } from '../../common/fields.js';
import { MEMORY_BUDGETS } from './limits.js';
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
}
