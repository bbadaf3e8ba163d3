import type { Machine } from '../hardware/machine.js';
import type { MadeMeasurement } from '../jobs/measurement-maker.service.js';
import { neededBytes } from '../prediction/fit.js';
import type { Interval } from '../prediction/prediction.js';
import type { FoundedPrediction } from '../predicting/predictions.js';
import type { Workload } from '../profiles/workload.js';
import { batchTimeOf, type BatchTime } from './batch-time.js';
import type { Kind } from './source.js';

/** A measurement, and how the service came by it. */
export interface ObtainedMeasurement extends MadeMeasurement {
  readonly fromProfile: boolean;
}

/** A prediction in the place of a measurement. */
export interface ObtainedPrediction extends FoundedPrediction {
  readonly workload: Workload;
  readonly machine: Machine;
}

/** What an answer is made of. */
export type Obtained = ObtainedMeasurement | ObtainedPrediction;

/** What a workload costs, wherever that is known from. */
export interface Figures {
  readonly kind: Kind;
  readonly batchTime: BatchTime;
  /** Of a training step or an inference of the whole batch; of a measurement from the 5th to the 95th percentile of its steps. */
  readonly stepSeconds: Interval;
  /** Of a measurement the peak itself, which was read once. */
  readonly peakRssBytes: Interval;
  readonly baselineRssBytes: number;
  /** What a limit of memory has to leave; of a measurement as it was. */
  readonly neededBytes: Interval;
  /** 0 to 100, of the cores that the process may use. */
  readonly cpuPeakPercent: number;
}

/** What of a workload an answer tells. */
export type Quantity = 'stepSeconds' | 'peakRssBytes';

export function isPrediction(obtained: Obtained): obtained is ObtainedPrediction {
  return 'prediction' in obtained;
}

export function workloadOf(obtained: Obtained): Workload {
  return isPrediction(obtained) ? obtained.workload : obtained.measurement.workload;
}

export function figuresOf(obtained: Obtained): Figures {
  if (isPrediction(obtained)) {
    const { prediction } = obtained;
    const { kind, stepSeconds, peakRssBytes, baselineRssBytes, neededBytes: needed, cpuPeakPercent } = prediction;
    return {
      kind,
      batchTime: batchTimeOf(prediction),
      stepSeconds,
      peakRssBytes: wholeBytes(peakRssBytes),
      baselineRssBytes: Math.round(baselineRssBytes),
      neededBytes: wholeBytes(needed),
      cpuPeakPercent,
    };
  }
  const { times, memory, cpu } = obtained.measurement;
  const { median, p05, p95 } = times.stepSeconds;
  return {
    kind: 'measured',
    batchTime: batchTimeOf(times),
    stepSeconds: { low: p05, central: median, high: p95 },
    peakRssBytes: exactly(memory.peakRssBytes),
    baselineRssBytes: memory.baselineRssBytes,
    neededBytes: exactly(neededBytes(memory)),
    cpuPeakPercent: cpu.peakPercent,
  };
}

function exactly(bytes: number): Interval {
  return { low: bytes, central: bytes, high: bytes };
}

function wholeBytes({ low, central, high }: Interval): Interval {
  return { low: Math.round(low), central: Math.round(central), high: Math.round(high) };
}
