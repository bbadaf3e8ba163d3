import type { Workload } from '../profiles/workload.js';

/** The command that measures what predictions of such workloads need. */
export function calibrating({ runtime }: Pick<Workload, 'runtime'>): string {
  return runtime === 'onnxruntime' ? 'npm run calibrate' : `npm run calibrate -- --runtime ${runtime}`;
}
