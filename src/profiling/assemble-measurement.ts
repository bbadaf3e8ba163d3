import { randomUUID } from 'node:crypto';
import type { CpuUse, MemoryUse, TimingLimits } from '../profiles/measurement.js';
import type { FreshMeasurement } from '../profiles/step-trace.js';
import type { Workload } from '../profiles/workload.js';
import { disturbancesBetween } from './disturbances.js';
import type { OutsideFigures } from './outside-view.js';
import type { ChildResult } from './protocol.js';

export interface MeasurementParts {
  readonly workload: Workload;
  readonly measuredAt: Date;
  readonly durationSeconds: number;
  readonly limits: TimingLimits;
  readonly machineUsedBeforeBytes: number;
  /** Cores that the measuring process may use. */
  readonly allowedCores: number;
  readonly result: ChildResult;
  readonly outside: OutsideFigures;
}

/** Joins what the measuring process says of itself with what was seen from outside. */
export function assembleMeasurement(parts: MeasurementParts): FreshMeasurement {
  const { result, outside } = parts;
  return {
    id: randomUUID(),
    measuredAt: parts.measuredAt.toISOString(),
    durationSeconds: parts.durationSeconds,
    workload: parts.workload,
    network: result.network,
    reached: result.reached,
    protocol: {
      maxSteps: parts.limits.maxSteps,
      maxSeconds: parts.limits.maxSeconds,
      shortened: result.shortened,
    },
    times: result.times,
    memory: memoryUse(parts),
    cpu: cpuUse(parts),
    samples: outside.sampling?.samples ?? [],
    operators: result.operators,
    losses: result.losses,
    trace: result.trace,
  };
}

function memoryUse({ result, outside, machineUsedBeforeBytes }: MeasurementParts): MemoryUse {
  const kernelPeak = result.peakRssBytes;
  const seen = [result.baselineRssBytes, ...result.readings.map((reading) => reading.rssBytes)];
  const sampledPeak = outside.sampling?.peakRssBytes ?? Math.max(...seen);
  // The kernel's mark misses nothing but begins when it was reset; sampling may have seen what was freed before.
  const fromKernel = kernelPeak !== null && (outside.sampling === null || kernelPeak >= sampledPeak);
  return {
    baselineRssBytes: result.baselineRssBytes,
    peakRssBytes: fromKernel ? kernelPeak : sampledPeak,
    peakSource: fromKernel ? 'kernel' : 'sampling',
    machineUsedBeforeBytes,
    readings: result.readings,
  };
}

function cpuUse({ workload, allowedCores, result, outside }: MeasurementParts): CpuUse {
  // The child relates its CPU time to the threads that it was given, a measurement to the cores that it could use.
  const ofAllowedCores = (percentOfThreads: number): number =>
    Math.min(100, (percentOfThreads * workload.threads) / allowedCores);
  // The child's own account: of its threads that have ended meanwhile, nothing is to be seen from outside.
  const processCpuSeconds = (result.cpuMeanPercent / 100) * workload.threads * outside.wallSeconds;
  return {
    meanPercent: outside.sampling?.cpuMeanPercent ?? ofAllowedCores(result.cpuMeanPercent),
    peakPercent: outside.sampling?.cpuPeakPercent ?? ofAllowedCores(result.cpuPeakPercent),
    ...disturbancesBetween(outside.before, outside.after, processCpuSeconds),
  };
}
