import { workloadKey } from '../profiles/workload-key.js';
import type { Workload } from '../profiles/workload.js';

/** Equal for workloads that are predicted alike: how memory and CPU are followed has no part in it. */
export function predictedKey(workload: Workload): string {
  return workloadKey({ ...workload, monitoring: 'stepwise', samplingIntervalSeconds: null });
}
