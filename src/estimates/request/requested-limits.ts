import { jsonPointer } from '../../common/json-pointer.js';
import { invalidRequest } from '../../common/problem.js';
import type { TimingLimits } from '../../profiles/measurement.js';
import type { MeasurableDto } from '../dto/measurable.dto.js';

/**
 * Within which a request wants its measurement made.
 *
 * @param most limits of the service: the default, and what a request may ask for at most
 * @throws Problem 422 for wider ones
 */
export function requestedLimits(dto: MeasurableDto, most: TimingLimits): TimingLimits {
  const asked = [
    { field: 'measure_max_steps', limit: most.maxSteps, unit: 'steps', variable: 'MEASURE_MAX_STEPS' },
    { field: 'measure_max_seconds', limit: most.maxSeconds, unit: 'seconds', variable: 'MEASURE_MAX_SECONDS' },
  ] as const;
  const wrong = asked.flatMap(({ field, limit, unit, variable }) => {
    const value = dto[field];
    if (value === undefined || value <= limit) return [];
    const detail = `is ${String(value)}, but this service measures for ${String(limit)} ${unit} at most (${variable}): ask for no more, or leave it out.`;
    return [{ pointer: jsonPointer([field]), detail }];
  });
  if (wrong.length > 0) throw invalidRequest(wrong);
  return {
    maxSteps: dto.measure_max_steps ?? most.maxSteps,
    maxSeconds: dto.measure_max_seconds ?? most.maxSeconds,
  };
}
