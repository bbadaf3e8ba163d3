/**
 * Measures the workloads that it is sent, one after the other and all with one `MeasuringService`, as the service does.
 * What is kept in profiles has no part in it. Started by measurer.ts.
 */
import { Logger } from '@nestjs/common';

import { readSettings } from '../src/config/environment.js';
import { HardwareService } from '../src/hardware/hardware.service.js';
import { RuntimesService } from '../src/runtimes/runtimes.service.js';
import type { Workload } from '../src/profiles/workload.js';
import { MEASURING_PROGRAM } from '../src/profiling/child-program.js';
import { DEFAULT_MEASURING_OPTIONS } from '../src/profiling/measuring-options.js';
import { MeasuringService } from '../src/profiling/measuring.service.js';
import type { Measured } from './measurer.js';

const [options = '{}'] = process.argv.slice(2);
// What it would say of each measurement is said by the bench.
Logger.overrideLogger(false);
const service = new MeasuringService(
  { ...DEFAULT_MEASURING_OPTIONS, python: readSettings(process.env).python, ...(JSON.parse(options) as object) },
  MEASURING_PROGRAM,
  new HardwareService(new RuntimesService(readSettings(process.env))),
);

async function measured(workload: Workload): Promise<Measured> {
  try {
    return { measurement: await service.measure(workload), failure: null };
  } catch (error) {
    return { measurement: null, failure: error instanceof Error ? error.message : String(error) };
  }
}

process.on('message', (workload: Workload) => {
  void measured(workload).then((outcome) => process.send?.(outcome));
});
// Nothing else keeps it alive once the bench is gone and the last measuring process has ended.
process.once('disconnect', () => void service.onModuleDestroy());
