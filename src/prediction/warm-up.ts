import type { Workload } from '../profiles/workload.js';
import { stepWork } from './step-work.js';
import { workloadCosts } from './workload-costs.js';

/** Graphs after whose building the engine of JavaScript has compiled most of what builds them. */
const ENOUGH = 64;

/**
 * Builds graphs of workloads like the measured ones, with more images each, and keeps nothing of them: the first dozens that
 * a thread builds take two to five times as long as the later ones, and nobody who asks is to wait for that. Pauses after
 * each. Where as many were measured, to learn from them was enough.
 */
export function* warmUp(measured: readonly Workload[]): Generator<void> {
  let built = measured.length;
  for (let more = 1; built > 0 && built < ENOUGH; more++) {
    for (const workload of measured) {
      if (built++ >= ENOUGH) return;
      stepWork(workloadCosts({ ...workload, batchSize: workload.batchSize + more }));
      yield;
    }
  }
}
