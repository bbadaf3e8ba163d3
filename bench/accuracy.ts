/**
 * How well predictions keep their word on this machine: a grid of workloads is measured as the service does, and each of
 * them predicted from what does not contain it. Run it with `npm run accuracy -- --help`.
 */
import { HardwareService } from '../src/hardware/hardware.service.js';
import { drawGrid } from './accuracy/grid.js';
import { measureGrid } from './accuracy/measure-grid.js';
import { readAccuracyOptions, USAGE } from './accuracy/options.js';
import { PointsFile } from './accuracy/points-file.js';
import { runMain } from './run-main.js';

const NOTHING_MISSING = 3;

async function main(): Promise<number> {
  const options = readAccuracyOptions();
  if (options.help) {
    console.log(USAGE);
    return 0;
  }
  const { plans, workloads, seed, limits, seconds, one } = options;
  const hardware = new HardwareService();
  const grid = drawGrid(plans, { seed, workloads, threads: options.threads ?? hardware.allowedCores() });
  const file = new PointsFile(options.file, await hardware.machine(), limits, options.resume);
  console.log(`${grid.length} workloads of ${plans.length} architectures, drawn with seed ${seed}`);
  const measured = await measureGrid({ grid, file, limits, seconds, one });
  if (one) return measured === 0 ? NOTHING_MISSING : 0;
  return 0;
}

runMain(main, USAGE);
