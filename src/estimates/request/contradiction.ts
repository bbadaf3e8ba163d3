import type { WorkloadDto } from '../dto/workload.dto.js';

/** A field that does not go with the architecture, or with another field. */
export interface Contradiction {
  readonly field: keyof WorkloadDto;
  /** A sentence that begins after the field's name and ends with what would be right. */
  readonly detail: string;
}
