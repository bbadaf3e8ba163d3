import type { ChildFailure } from '../protocol.js';

/** Carries a failure that the service knows how to answer from where it is found to the process's last message. */
export class WorkloadError extends Error {
  constructor(
    readonly failure: ChildFailure,
    options?: ErrorOptions,
  ) {
    super(failure.message, options);
    this.name = 'WorkloadError';
  }
}
