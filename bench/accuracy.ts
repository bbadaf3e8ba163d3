/**
 * How well predictions keep their word on this machine: a grid of workloads is measured as the service does, and each of
 * them predicted from what does not contain it. Run it with `npm run accuracy -- --help`.
 */
import { readSettings } from '../src/config/environment.js';
import { HardwareService } from '../src/hardware/hardware.service.js';
import { RuntimesService } from '../src/runtimes/runtimes.service.js';
import { reportFit } from './accuracy/fit-report.js';
import { drawGrid } from './accuracy/grid.js';
import { measureGrid } from './accuracy/measure-grid.js';
import { readAccuracyOptions, USAGE } from './accuracy/options.js';
import { PointsFile } from './accuracy/points-file.js';
import { report } from './accuracy/report.js';
import { runMain } from './run-main.js';
import { UsageError } from './step-options.js';

const NOTHING_MISSING = 3;

async function main(): Promise<number> {
  const options = readAccuracyOptions();
  if (options.help) {
    console.log(USAGE);
    return 0;
  }
  const { plans, workloads, seed, runtime, limits, seconds, one } = options;
  const hardware = new HardwareService(new RuntimesService(readSettings(process.env)));
  const grid = drawGrid(plans, { seed, workloads, runtime, threads: options.threads ?? hardware.allowedCores() });
  const machine = await hardware.machine();
  if (runtime === 'pytorch' && machine.pytorch === null) {
    throw new UsageError('there is no PyTorch: PYTHON has to name a Python with torch and torchvision');
  }
  const file = new PointsFile(options.file, machine, limits, options.resume);
  console.log(`${grid.length} workloads of ${plans.length} architectures with ${runtime}, drawn with seed ${seed}`);
  if (options.fit || options.largest) return reportFit(options, grid, file.measuredOf(grid));
  const measured = await measureGrid({ grid, file, limits, seconds, one });
  if (one) return measured === 0 ? NOTHING_MISSING : 0;
  return report(options, grid, file, machine);
}

runMain(main, USAGE);
