import type { Measurement } from '../../../src/profiles/measurement.js';
import type { Workload } from '../../../src/profiles/workload.js';
import { MeasuringCancelledError } from '../../../src/profiling/measuring.errors.js';
import type { MeasureOptions } from '../../../src/profiling/measuring.service.js';
import { aMeasurement, THE_LIMITS } from '../../fixtures/measurements.js';

/** Stands in for the measuring service: remembers what it was asked and answers without running anything. */
export class FakeMeasuring {
  readonly asked: Workload[] = [];
  /** What the next measurements do; replaced by tests of failures and of what happens meanwhile. */
  behaviour: (workload: Workload, options: MeasureOptions) => Promise<Measurement> = (workload, { limits }) =>
    Promise.resolve(aMeasurement(workload, { protocol: { ...(limits ?? THE_LIMITS), shortened: false } }));

  /** As the real one does, it settles at once when it is cancelled. */
  measure(workload: Workload, options: MeasureOptions = {}): Promise<Measurement> {
    this.asked.push(workload);
    return new Promise((resolve, reject) => {
      const cancel = (): void => reject(new MeasuringCancelledError('It was cancelled.'));
      if (options.signal?.aborted === true) cancel();
      options.signal?.addEventListener('abort', cancel);
      this.behaviour(workload, options).then(resolve, reject);
    });
  }

  first(): Workload {
    const [workload] = this.asked;
    if (workload === undefined) {
      throw new Error('Nothing was to be measured yet.');
    }
    return workload;
  }
}
