import { Injectable } from '@nestjs/common';
import { LruCache } from '../common/lru-cache.js';
import { untrainableReason } from '../engine/zoo/facts.js';
import { measuringProblem } from '../jobs/measuring-problem.js';
import type { Workload } from '../profiles/workload.js';
import { UntrainableWorkloadError } from '../profiling/measuring.errors.js';

/** Networks whose reasons are remembered: to find one takes up to some tens of milliseconds. */
const REMEMBERED = 1000;

/** Which workloads the framework itself would refuse to train. */
@Injectable()
export class TrainabilityService {
  private readonly reasons = new LruCache<string, { readonly reason: string | null }>(REMEMBERED);

  /** Before it would wait for its turn to be measured. @throws Problem 422 */
  assertTrainable(workload: Workload): void {
    const reason = this.untrainableReason(workload);
    if (reason !== null) throw measuringProblem(new UntrainableWorkloadError(reason));
  }

  /** Null where it can be trained, or is not to be. */
  untrainableReason({ applicationType, architecture, options, batchSize, imageSize }: Workload): string | null {
    if (applicationType !== 'training' || batchSize > 1) return null;
    const key = JSON.stringify([architecture, options, imageSize]);
    const known = this.reasons.get(key);
    if (known !== undefined) return known.reason;
    const reason = untrainableReason(architecture, options, batchSize, imageSize);
    this.reasons.set(key, { reason });
    return reason;
  }
}
