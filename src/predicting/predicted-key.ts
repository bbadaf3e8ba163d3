import { workloadKey } from '../profiles/workload-key.js';
import type { Workload } from '../profiles/workload.js';

/** Costs are known of the built-in runtime on the processor alone: what another one takes says nothing about them, nor they about it. */
export function canBePredicted({ runtime, device, precision }: Workload): boolean {
  return runtime === 'onnxruntime' && device === 'cpu' && precision === 'fp32';
}

/** Equal for workloads that are predicted alike: how memory and CPU are followed has no part in it. */
export function predictedKey(workload: Workload): string {
  return workloadKey({ ...workload, monitoring: 'stepwise', samplingIntervalSeconds: null });
}
