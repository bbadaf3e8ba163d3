import type { TrackedJob } from '../jobs/tracked-job.js';

/** An answer is not there yet, and the client does not want to wait for it longer. */
export class Accepted {
  constructor(
    /** All that have to be over first, in the order of their turns. */
    readonly jobs: readonly TrackedJob[],
    readonly applied: string,
  ) {}
}
