import type { TimingLimits } from '../../src/profiles/measurement.js';
import type { Workload } from '../../src/profiles/workload.js';
import { measureAlone } from '../measurer.js';
import { reasonOf } from '../child.js';
import { isDisturbed, type MeasuredPoint, pointOf } from './measured-point.js';
import type { PointsFile } from './points-file.js';

export interface GridWork {
  readonly grid: readonly Workload[];
  readonly file: PointsFile;
  readonly limits: TimingLimits;
  /** No measurement is begun later than so many seconds after the first. */
  readonly seconds: number;
  /** Whether to measure no more than one workload. */
  readonly one: boolean;
}

/** Measures what the file lacks of the grid, one by one, and tells of each. @returns how many were measured */
export async function measureGrid({ grid, file, limits, seconds, one }: GridWork): Promise<number> {
  const begun = performance.now();
  let count = 0;
  for (
    let workload = file.nextOf(grid);
    workload !== null && (count === 0 || !one) && performance.now() - begun < 1000 * seconds;
    workload = file.nextOf(grid)
  ) {
    try {
      const point = pointOf(await measureAlone(workload, limits));
      await file.add(point);
      console.log(`${file.measuredOf(grid).length} of ${grid.length}: ${describePoint(point)}`);
    } catch (error) {
      const failure = reasonOf(error);
      await file.addFailure({ workload, failure });
      console.log(`${describeWorkload(workload)}: ${failure}`);
    }
    count += 1;
  }
  return count;
}

function describePoint(point: MeasuredPoint): string {
  const { observation, otherLoadPercent, stolenPercent, tracedToUntraced, durationSeconds } = point;
  const figures = [
    `${(1e3 * observation.stepSeconds).toFixed(1)} ms`,
    `${(observation.peakRssBytes / 2 ** 20).toFixed(0)} MiB`,
    `measured in ${durationSeconds.toFixed(1)} s`,
  ];
  const disturbance = [
    `other load ${otherLoadPercent.toFixed(1)} %`,
    `stolen ${stolenPercent.toFixed(1)} %`,
    `traced steps ${tracedToUntraced.toFixed(2)} of untraced ones`,
  ].join(', ');
  return `${describeWorkload(observation.workload)}: ${figures.join(', ')}${isDisturbed(point) ? `, DISTURBED (${disturbance})` : ''}`;
}

/** What tells workloads of the grid from each other. */
export function describeWorkload(workload: Workload): string {
  const counts = [
    ['objects', workload.objectsPerImage],
    ['positives', workload.positivesPerImage],
    ['candidates', workload.candidatesPerImage],
    ['detections', workload.detectionsPerImage],
  ].flatMap(([name, count]) => (count === null ? [] : [`${String(count)} ${String(name)}`]));
  const { architecture, applicationType, batchSize, imageSize } = workload;
  return [`${applicationType} of ${architecture}`, `${batchSize} x ${imageSize.join('x')}`, ...counts].join(', ');
}
