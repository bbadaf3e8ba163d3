import { architectures } from '../engine/zoo/catalogue.js';
import type { Conditions } from '../hardware/conditions.js';
import type { Observation } from '../prediction/observation.js';
import { staleBecause, type KeptMeasurement } from '../profiles/kept-measurement.js';
import type { Measurement } from '../profiles/measurement.js';
import { byWorkload } from '../profiles/merge-measurements.js';
import type { Profile } from '../profiles/profile.js';
import type { OperatorCost } from '../profiles/step-trace.js';
import { canBePredicted, predictedKey } from './predicted-key.js';

/**
 * What predictions of a machine rest on: of each workload, however its memory and CPU were followed, the newest measurement
 * that was made with what the machine has now, one that its limits did not cut short before one that they did.
 */
export function observable(profiles: readonly Profile[], now: Conditions): KeptMeasurement[] {
  // Of what this version does not know, as a profile of a later one may hold, nothing can be learned.
  const known = profiles.filter(({ architecture }) => architectures.has(architecture));
  return known.flatMap(({ measurements }) =>
    [...byWorkload(measurements.filter(isPredictable), predictedKey).values()].flatMap((group) => {
      const fresh = group.filter((one) => staleBecause(one, now).length === 0);
      return fresh.findLast(({ protocol }) => protocol?.shortened === false) ?? fresh.at(-1) ?? [];
    }),
  );
}

function isPredictable({ workload }: KeptMeasurement): boolean {
  return canBePredicted(workload);
}

/** @param costs null where no trace was kept */
export function observationOf(measurement: Measurement, costs: readonly OperatorCost[] | null): Observation {
  const { id, workload, times, memory, cpu } = measurement;
  return {
    id,
    workload,
    stepSeconds: times.stepSeconds.median,
    forwardSeconds: times.forwardSeconds,
    backwardSeconds: times.backwardSeconds,
    optimizerSeconds: times.optimizerSeconds,
    baselineRssBytes: memory.baselineRssBytes,
    peakRssBytes: memory.peakRssBytes,
    loadingPeakRssBytes: memory.loadingPeakRssBytes,
    fileRssBytes: memory.fileRssBytes,
    cpuPeakPercent: cpu.peakPercent,
    costs,
  };
}
