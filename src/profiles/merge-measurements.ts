import type { KeptMeasurement } from './kept-measurement.js';
import { workloadKey } from './workload-key.js';
import type { Workload } from './workload.js';

/**
 * Measurements of one workload that are kept. Ten show a trend over releases, and whether the machine repeats itself;
 * each is a few to some tens of kilobytes, and with every new one the whole file is written.
 */
export const MOST_OF_A_WORKLOAD = 10;

/**
 * With a new measurement at the end. Where its workload has {@link MOST_OF_A_WORKLOAD} the oldest makes room: one for
 * one, so that what was imported beyond that number does not go all at once. The last one that no limit cut short stays
 * until there is another such one: it answers requests that those with tight limits do not.
 */
export function withNew(measurements: readonly KeptMeasurement[], added: KeptMeasurement): KeptMeasurement[] {
  const key = workloadKey(added.workload);
  const others = measurements.filter(({ id }) => id !== added.id);
  const same = others.filter(({ workload }) => workloadKey(workload) === key);
  const lastWhole = [...same, added].findLast(isWhole);
  const oldest = same.length >= MOST_OF_A_WORKLOAD ? same.find((one) => one !== lastWhole) : undefined;
  return [...others.filter((one) => one !== oldest), added];
}

function isWhole({ protocol }: KeptMeasurement): boolean {
  return protocol !== null && !protocol.shortened;
}

/** With those that are not among them yet, each by its time; the order of those that were there stays as it was. */
export function merged(
  measurements: readonly KeptMeasurement[],
  others: readonly KeptMeasurement[],
): readonly KeptMeasurement[] {
  const known = new Set(measurements.map(({ id }) => id));
  const result = [...measurements];
  for (const other of others.filter(({ id }) => !known.has(id))) {
    const later = result.findIndex((one) => Date.parse(one.measuredAt) > Date.parse(other.measuredAt));
    result.splice(later === -1 ? result.length : later, 0, other);
  }
  return result;
}

/** By the key of the workload, each list in the order in which they are given. */
export function byWorkload(
  measurements: readonly KeptMeasurement[],
  keyOf: (workload: Workload) => string = workloadKey,
): ReadonlyMap<string, readonly KeptMeasurement[]> {
  const groups = new Map<string, KeptMeasurement[]>();
  for (const measurement of measurements) {
    const key = keyOf(measurement.workload);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [measurement]);
    else group.push(measurement);
  }
  return groups;
}
