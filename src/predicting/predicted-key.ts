import { workloadKey } from '../profiles/workload-key.js';
import type { Workload } from '../profiles/workload.js';

/** Of a GPU's memory nothing is predicted yet. What one runtime takes says nothing about the other. */
export function canBePredicted({ device }: Workload): boolean {
  return device === 'cpu';
}

/** Equal for workloads that are predicted alike: how memory and CPU are followed has no part in it. */
export function predictedKey(workload: Workload): string {
  return workloadKey({ ...workload, monitoring: 'stepwise', samplingIntervalSeconds: null });
}
