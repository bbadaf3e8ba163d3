import { randomUUID } from 'node:crypto';
import type { CpuCurve } from '../monitoring/cpu-curve.js';
import type { CpuUse, GpuMemory, GpuUse, MemoryUse, TimingLimits } from '../profiles/measurement.js';
import type { FreshMeasurement } from '../profiles/step-trace.js';
import type { Workload } from '../profiles/workload.js';
import { cpuReadings } from './cpu-readings.js';
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
  /** CPU time of the measuring process while it traced; null where it could not be read. */
  readonly tracedCpu: CpuCurve | null;
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
    gpu: gpuUse(parts),
    samples: outside.sampling?.samples ?? [],
    operators: result.operators,
    losses: result.losses,
    ...(result.trace !== null && { trace: result.trace }),
  };
}

function memoryUse(parts: MeasurementParts): MemoryUse {
  const { result, outside, machineUsedBeforeBytes } = parts;
  const kernelPeak = result.peakRssBytes;
  const seen = [result.baselineRssBytes, ...result.readings.map((reading) => reading.rssBytes)];
  const sampled = outside.sampling?.peakRssBytes ?? null;
  const seenPeak = sampled ?? Math.max(...seen);
  // The kernel's mark misses nothing but begins when it was reset; sampling may have seen what was freed before.
  const fromKernel = kernelPeak !== null && (outside.sampling === null || kernelPeak >= seenPeak);
  return {
    baselineRssBytes: result.baselineRssBytes,
    peakRssBytes: fromKernel ? kernelPeak : seenPeak,
    peakSource: fromKernel ? 'kernel' : sampled === null ? 'readings' : 'sampling',
    loadingPeakRssBytes: result.loadingPeakRssBytes,
    fileRssBytes: result.fileRssBytes,
    machineUsedBeforeBytes,
    gpu: gpuMemory(parts),
    readings: cpuReadings(result, parts.tracedCpu, ofAllowedCores(parts), parts.allowedCores),
  };
}

/** What the allocator says of itself, and what the driver says of all of the process. */
function gpuMemory({ workload, result, outside: { gpu } }: MeasurementParts): GpuMemory | null {
  if (workload.device === 'cpu') return null;
  return {
    allocatedPeakBytes: result.gpuMemory?.allocatedPeakBytes ?? null,
    reservedPeakBytes: result.gpuMemory?.reservedPeakBytes ?? null,
    processPeakBytes: gpu?.processPeakBytes ?? null,
    deviceUsedPeakBytes: gpu?.deviceUsedPeakBytes ?? null,
    deviceUsedBeforeBytes: gpu?.deviceUsedBeforeBytes ?? null,
  };
}

function gpuUse({ workload, outside: { gpu } }: MeasurementParts): GpuUse | null {
  if (workload.device === 'cpu') return null;
  return {
    deviceMeanPercent: gpu?.deviceMeanPercent ?? null,
    devicePeakPercent: gpu?.devicePeakPercent ?? null,
    processMeanPercent: gpu?.processMeanPercent ?? null,
    processPeakPercent: gpu?.processPeakPercent ?? null,
  };
}

function cpuUse(parts: MeasurementParts): CpuUse {
  const { workload, result, outside } = parts;
  // The child's own account: of its threads that have ended meanwhile, nothing is to be seen from outside.
  const processCpuSeconds = (result.cpuMeanPercent / 100) * workload.threads * outside.wallSeconds;
  return {
    ...cpuPercents(parts),
    ...disturbancesBetween(outside.before, outside.after, processCpuSeconds),
  };
}

function cpuPercents(parts: MeasurementParts): Pick<CpuUse, 'meanPercent' | 'peakPercent' | 'source'> {
  const { result, outside } = parts;
  const { cpuMeanPercent = null, cpuPeakPercent = null } = outside.sampling ?? {};
  if (cpuMeanPercent !== null && cpuPeakPercent !== null) {
    return { meanPercent: cpuMeanPercent, peakPercent: cpuPeakPercent, source: 'schedstat' };
  }
  const percentOf = ofAllowedCores(parts);
  return {
    meanPercent: percentOf(result.cpuMeanPercent),
    peakPercent: percentOf(result.cpuPeakPercent),
    source: 'process-clock',
  };
}

/** The child relates its CPU time to the threads that it was given, a measurement to the cores that it could use. */
function ofAllowedCores({ workload, allowedCores }: MeasurementParts): (percentOfThreads: number) => number {
  return (percentOfThreads) => Math.min(100, (percentOfThreads * workload.threads) / allowedCores);
}
