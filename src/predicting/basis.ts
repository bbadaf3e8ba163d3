import type { KeptMeasurement } from '../profiles/kept-measurement.js';
import type { Workload } from '../profiles/workload.js';
import { predictedKey } from './predicted-key.js';
import type { PredictionBasis } from './predictions.js';

/** Tells of each prediction which measurements it rests on. */
export class BasisIndex {
  private readonly ids = new Map<string, string[]>();
  private readonly keys: ReadonlySet<string>;
  private readonly count: number;

  constructor(measurements: readonly KeptMeasurement[]) {
    this.count = measurements.length;
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
      measurementCount: this.count,
      hasWorkload: this.keys.has(predictedKey(workload)),
    };
  }
}

function groupOf({ architecture, applicationType }: Workload): string {
  return `${applicationType} of ${architecture}`;
}
