import { count, flag, list, moment, nullable, number, object, text } from '../common/codec.js';
import type { KeptMeasurement } from './kept-measurement.js';
import { distributionCodec, workloadCodec } from './measurement.codec.js';
import type { Distribution } from './measurement.js';
import { byWorkload } from './merge-measurements.js';
import type { Workload } from './workload.js';

/** What is compared: a profile, or one measurement of it. */
export interface Side {
  readonly machine: string;
  readonly architecture: string;
  /** Oldest first. */
  readonly measurements: readonly KeptMeasurement[];
}

interface ComparedMeasurement {
  readonly measurementId: string;
  readonly measuredAt: string;
  readonly stepSeconds: Distribution;
  readonly peakRssBytes: number;
  /** Null where it is not known. */
  readonly shortened: boolean | null;
}

/** Right over left; null where the left has nothing to divide by, or one of them nothing at all. */
interface Ratios {
  readonly stepSeconds: number | null;
  readonly forwardSeconds: number | null;
  readonly backwardSeconds: number | null;
  readonly optimizerSeconds: number | null;
  readonly peakRssBytes: number | null;
}

interface ComparedWorkload {
  readonly workload: Workload;
  readonly left: ComparedMeasurement;
  readonly right: ComparedMeasurement;
  readonly ratios: Ratios;
  readonly timesOverlap: boolean;
}

export interface Comparison {
  readonly left: { readonly machine: string; readonly architecture: string };
  readonly right: { readonly machine: string; readonly architecture: string };
  readonly workloads: readonly ComparedWorkload[];
  readonly meanRatios: { readonly stepSeconds: number | null; readonly peakRssBytes: number | null };
  readonly onlyLeft: number;
  readonly onlyRight: number;
}

const comparedCodec = object<ComparedMeasurement>({
  measurementId: text(),
  measuredAt: moment(),
  stepSeconds: distributionCodec,
  peakRssBytes: number(),
  shortened: nullable(flag('Whether the limits of its measurement cut it short; null where they are not known.')),
});

const sideCodec = object<Comparison['left']>({ machine: text(), architecture: text() });

const ratiosCodec = object<Ratios>(
  {
    stepSeconds: nullable(number('Of the medians.')),
    forwardSeconds: nullable(number()),
    backwardSeconds: nullable(number()),
    optimizerSeconds: nullable(number()),
    peakRssBytes: nullable(number()),
  },
  'Right over left: 2 where the right takes twice as much. Null where one of them has none.',
);

export const comparisonCodec = object<Comparison>({
  left: sideCodec,
  right: sideCodec,
  workloads: list(
    object<ComparedWorkload>({
      workload: workloadCodec,
      left: comparedCodec,
      right: comparedCodec,
      ratios: ratiosCodec,
      timesOverlap: flag('Whether p05 to p95 of both have times in common: then the difference may be chance.'),
    }),
    'Those that both have, by the newest measurement of each.',
  ),
  meanRatios: object<Comparison['meanRatios']>(
    { stepSeconds: nullable(number()), peakRssBytes: nullable(number()) },
    'Geometric means over the workloads; null without any.',
  ),
  onlyLeft: count('Workloads that the right has no measurement of.'),
  onlyRight: count('Workloads that the left has no measurement of.'),
});

export function compare(left: Side, right: Side): Comparison {
  const lefts = byWorkload(left.measurements);
  const rights = byWorkload(right.measurements);
  const workloads = [...lefts].flatMap(([key, group]) => {
    const one = group.at(-1);
    const other = rights.get(key)?.at(-1);
    return one === undefined || other === undefined ? [] : [compareMeasurements(one, other)];
  });
  return {
    left: { machine: left.machine, architecture: left.architecture },
    right: { machine: right.machine, architecture: right.architecture },
    workloads,
    meanRatios: {
      stepSeconds: geometricMean(workloads.map(({ ratios }) => ratios.stepSeconds)),
      peakRssBytes: geometricMean(workloads.map(({ ratios }) => ratios.peakRssBytes)),
    },
    onlyLeft: lefts.size - workloads.length,
    onlyRight: rights.size - workloads.length,
  };
}

function compareMeasurements(left: KeptMeasurement, right: KeptMeasurement): ComparedWorkload {
  const [before, after] = [left.times, right.times];
  return {
    workload: left.workload,
    left: compared(left),
    right: compared(right),
    ratios: {
      stepSeconds: ratio(before.stepSeconds.median, after.stepSeconds.median),
      forwardSeconds: ratio(before.forwardSeconds, after.forwardSeconds),
      backwardSeconds: ratio(before.backwardSeconds, after.backwardSeconds),
      optimizerSeconds: ratio(before.optimizerSeconds, after.optimizerSeconds),
      peakRssBytes: ratio(left.memory.peakRssBytes, right.memory.peakRssBytes),
    },
    timesOverlap: before.stepSeconds.p05 <= after.stepSeconds.p95 && after.stepSeconds.p05 <= before.stepSeconds.p95,
  };
}

function compared({ id, measuredAt, times, memory, protocol }: KeptMeasurement): ComparedMeasurement {
  return {
    measurementId: id,
    measuredAt,
    stepSeconds: times.stepSeconds,
    peakRssBytes: memory.peakRssBytes,
    shortened: protocol?.shortened ?? null,
  };
}

function ratio(left: number | null, right: number | null): number | null {
  return left === null || right === null || left === 0 ? null : right / left;
}

function geometricMean(ratios: readonly (number | null)[]): number | null {
  const logarithms = ratios.filter((one) => one !== null && one > 0).map((one) => Math.log(Number(one)));
  return logarithms.length === 0 ? null : Math.exp(logarithms.reduce((sum, one) => sum + one, 0) / logarithms.length);
}
