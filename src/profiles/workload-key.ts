import type { Workload } from './workload.js';

/** Equal for equal workloads, whatever the order in which their members were written. */
export function workloadKey(workload: Workload): string {
  return JSON.stringify(workload, (_name, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1)))
      : value,
  );
}
