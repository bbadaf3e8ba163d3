import type { Measurement } from '../../../src/profiles/measurement.js';
import type { Workload } from '../../../src/profiles/workload.js';
import { aMeasurement } from '../../fixtures/measurements.js';

/** Stands in for the measuring service: remembers what it was asked and answers without running anything. */
export class FakeMeasuring {
  readonly asked: Workload[] = [];
  /** What the next measurements do; replaced by tests of failures and of what happens meanwhile. */
  behaviour: (workload: Workload) => Promise<Measurement> = (workload) => Promise.resolve(aMeasurement(workload));

  measure(workload: Workload): Promise<Measurement> {
    this.asked.push(workload);
    return this.behaviour(workload);
  }

  first(): Workload {
    const [workload] = this.asked;
    if (workload === undefined) {
      throw new Error('Nothing was to be measured yet.');
    }
    return workload;
  }
}
