import type { KeptMeasurement } from '../profiles/kept-measurement.js';
import type { Workload } from '../profiles/workload.js';
import { predictedKey } from './predicted-key.js';
import type { PredictionBasis } from './predictions.js';

/** Tells of each prediction which measurements it rests on. */
export class BasisIndex {
  private readonly ids = new Map<string, string[]>();
  private readonly keys: ReadonlySet<string>;
  /** By what executed them. */
  private readonly counts = new Map<string, number>();

  constructor(measurements: readonly KeptMeasurement[]) {
    for (const { workload } of measurements) {
      const execution = executionOf(workload);
      this.counts.set(execution, (this.counts.get(execution) ?? 0) + 1);
    }
    this.keys = new Set(measurements.map(({ workload }) => predictedKey(workload)));
    const newestFirst = [...measurements].sort((left, right) => right.measuredAt.localeCompare(left.measuredAt));
    for (const { id, workload } of newestFirst) {
      const group = this.ids.get(groupOf(workload));
      if (group === undefined) this.ids.set(groupOf(workload), [id]);
      else group.push(id);
    }
  }

  of(workload: Workload): PredictionBasis {
    return {
      measurementIds: this.ids.get(groupOf(workload)) ?? [],
      measurementCount: this.counts.get(executionOf(workload)) ?? 0,
      hasWorkload: this.keys.has(predictedKey(workload)),
    };
  }
}

function groupOf(workload: Workload): string {
  const { architecture, applicationType } = workload;
  return `${applicationType} of ${architecture}, ${executionOf(workload)}`;
}

/** What another runtime took, or this one on another device or in another precision, has no part in a prediction. */
function executionOf({ runtime, device, precision }: Workload): string {
  return [runtime, device, precision].join(' ');
}
