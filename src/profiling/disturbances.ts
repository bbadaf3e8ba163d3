import type { QuotaPeriods } from '../hardware/control-group.js';
import {
  type MachineCpuTimes,
  type MachineReader,
  otherLoadPercent,
  stolenPercent,
} from '../monitoring/machine-reader.js';
import { heatSlowdowns, type ThermalCounts } from '../monitoring/thermal-counters.js';
import type { CpuUse } from '../profiles/measurement.js';

/** Counters, at one moment, of what can take the processor away from a measurement. */
export interface DisturbanceCounters {
  readonly machineCpu: MachineCpuTimes;
  /** Null where there is no quota. */
  readonly quota: QuotaPeriods | null;
  /** Null where nobody counts. */
  readonly thermal: ThermalCounts | null;
}

export function readDisturbances(machine: MachineReader, quota: QuotaPeriods | null): DisturbanceCounters {
  return { machineCpu: machine.cpuTimes(), quota, thermal: machine.thermalCounts() };
}

/** @param processCpuSeconds CPU time of the measuring process between the two. */
export function disturbancesBetween(
  before: DisturbanceCounters,
  after: DisturbanceCounters,
  processCpuSeconds: number,
): Pick<CpuUse, 'otherLoadPercent' | 'stolenPercent' | 'throttledPercent' | 'heatSlowdowns'> {
  return {
    otherLoadPercent: otherLoadPercent(before.machineCpu, after.machineCpu, processCpuSeconds),
    stolenPercent: stolenPercent(before.machineCpu, after.machineCpu),
    throttledPercent: throttledPercent(before.quota, after.quota),
    heatSlowdowns: heatSlowdowns(before.thermal, after.thermal),
  };
}

/** Share of the periods in which the quota was used up. No period passes while the group sleeps: then it was not. */
function throttledPercent(before: QuotaPeriods | null, after: QuotaPeriods | null): number | null {
  if (before === null || after === null) return null;
  const periods = after.periods - before.periods;
  const throttled = after.throttledPeriods - before.throttledPeriods;
  return periods <= 0 ? 0 : Math.min(100, Math.max(0, (100 * throttled) / periods));
}
