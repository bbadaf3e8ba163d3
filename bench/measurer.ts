import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import type { FreshMeasurement } from '../src/profiles/step-trace.js';
import type { Workload } from '../src/profiles/workload.js';
import type { MeasuringOptions } from '../src/profiling/measuring-options.js';

/** What came of a measurement: one of the two is null. */
export type Measured =
  | { readonly measurement: FreshMeasurement; readonly failure: null }
  | { readonly measurement: null; readonly failure: string };

/** A process that stands for the service's: all that it measures is measured by one object, one after the other. */
export class Measurer {
  private readonly process: ChildProcess;

  /** @param options that differ from the service's defaults */
  constructor(options: Partial<MeasuringOptions>) {
    this.process = fork(join(__dirname, 'measuring-process.js'), [JSON.stringify(options)]);
  }

  /** @throws Error that says why there is no measurement */
  async measure(workload: Workload): Promise<FreshMeasurement> {
    const { measurement, failure } = await new Promise<Measured>((resolve, reject) => {
      const died = (): void => reject(new Error('the process that measures ended without an answer'));
      this.process.once('exit', died);
      this.process.once('message', (message: Measured) => {
        this.process.off('exit', died);
        resolve(message);
      });
      this.process.send(workload);
    });
    if (measurement === null) throw new Error(`${workload.architecture} could not be measured: ${failure}`);
    return measurement;
  }

  end(): void {
    if (this.process.connected) this.process.disconnect();
  }
}

/** One measurement by a process that has measured nothing before. */
export async function measureAlone(workload: Workload, options: Partial<MeasuringOptions>): Promise<FreshMeasurement> {
  const measurer = new Measurer(options);
  try {
    return await measurer.measure(workload);
  } finally {
    measurer.end();
  }
}
