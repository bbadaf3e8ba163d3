import { WorkloadError } from './workload-error.js';

/** @throws WorkloadError for a loss that is none */
export function assertFinite(losses: Readonly<Record<string, number>>): void {
  for (const [name, loss] of Object.entries(losses)) {
    if (Number.isFinite(loss)) continue;
    throw new WorkloadError({
      code: 'non-finite-loss',
      message: `The loss "${name}" came out as ${loss}; times of steps with such values are not those of a training.`,
    });
  }
}
