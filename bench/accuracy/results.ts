import type { Machine } from '../../src/hardware/machine.js';
import type { Interval } from '../../src/prediction/prediction.js';
import type { TimingLimits } from '../../src/profiles/measurement.js';
import type { ApplicationType, RuntimeName } from '../../src/profiles/workload.js';
import { describeWorkload } from './measure-grid.js';
import type { MeasuredPoint } from './measured-point.js';
import type { Outcome, Quantity } from './outcome.js';
import type { Question } from './questions.js';

/** A measured workload, as far as readers need it to measure it again. */
interface ResultPoint {
  readonly workload: string;
  readonly architecture: string;
  readonly applicationType: ApplicationType;
  readonly stepSeconds: number;
  readonly peakRssBytes: number;
}

/** What was predicted of the point with that number; the interval as low, central and high. */
type ResultPrediction = readonly [
  point: number,
  question: Question,
  quantity: Quantity,
  low: number,
  central: number,
  high: number,
];

/** What a run found: all that the page tells, in figures. */
export interface AccuracyResults {
  /** `YYYY-MM-DD` of the first and the last measurement. */
  readonly measured: readonly [first: string, last: string];
  readonly machine: Pick<
    Machine,
    'cpuModel' | 'allowedCores' | 'memoryBytes' | 'kernel' | 'nodeVersion' | 'onnxruntimeVersion' | 'engineVersion'
  >;
  /** What executed the networks; onnxruntime where nothing is said. */
  readonly runtime?: { readonly name: RuntimeName; readonly version: string };
  readonly grid: {
    readonly seed: number;
    readonly workloads: number;
    readonly limits: TimingLimits;
    readonly failed: number;
    readonly disturbed: number;
  };
  readonly unanswered: number;
  readonly points: readonly ResultPoint[];
  readonly predictions: readonly ResultPrediction[];
}

export interface Run {
  readonly runtime: RuntimeName;
  readonly machine: Machine;
  readonly grid: AccuracyResults['grid'];
  readonly points: readonly MeasuredPoint[];
  readonly outcomes: readonly Outcome[];
  readonly unanswered: number;
}

export function resultsOf({ runtime, machine, grid, points, outcomes, unanswered }: Run): AccuracyResults {
  const days = points.map(({ measuredAt }) => measuredAt.slice(0, 10)).sort();
  const numbers = new Map(points.map(({ observation }, number) => [observation.id, number]));
  const { cpuModel, allowedCores, memoryBytes, kernel, nodeVersion, onnxruntimeVersion, engineVersion } = machine;
  return {
    measured: [days[0] ?? '', days.at(-1) ?? ''],
    machine: { cpuModel, allowedCores, memoryBytes, kernel, nodeVersion, onnxruntimeVersion, engineVersion },
    ...(runtime === 'pytorch' && { runtime: { name: runtime, version: machine.pytorch?.torch ?? '' } }),
    grid,
    unanswered,
    points: points.map(({ observation: { workload, stepSeconds, peakRssBytes } }) => ({
      workload: describeWorkload(workload),
      architecture: workload.architecture,
      applicationType: workload.applicationType,
      stepSeconds: rounded(stepSeconds),
      peakRssBytes,
    })),
    predictions: outcomes.map(({ measurement, question, quantity, predicted: { low, central, high } }) => [
      numbers.get(measurement) ?? -1,
      question,
      quantity,
      rounded(low),
      rounded(central),
      rounded(high),
    ]),
  };
}

/** What {@link resultsOf} was made of. */
export function outcomesIn({ points, predictions }: AccuracyResults): readonly Outcome[] {
  return predictions.flatMap(([number, question, quantity, low, central, high]) => {
    const point = points[number];
    if (point === undefined) return [];
    const { architecture, applicationType, stepSeconds, peakRssBytes } = point;
    const predicted: Interval = { low, central, high };
    const measured = quantity === 'memory' ? peakRssBytes : stepSeconds;
    return [{ question, quantity, architecture, applicationType, measurement: String(number), measured, predicted }];
  });
}

/** A line for each point and each prediction. */
export function resultsText(results: AccuracyResults): string {
  const members = Object.entries(results).map(([name, value]: [string, unknown]) => {
    const lines = (name === 'points' || name === 'predictions') && Array.isArray(value);
    const text = lines ? `[\n${value.map((one) => JSON.stringify(one)).join(',\n')}\n]` : JSON.stringify(value);
    return `${JSON.stringify(name)}: ${text}`;
  });
  return `{\n${members.join(',\n')}\n}\n`;
}

/** To a resolution far below what a measurement can be repeated to. */
function rounded(value: number): number {
  return Number(value.toPrecision(6));
}
