import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { Command, InvalidArgumentError, Option } from 'commander';
import { CalibrationModule } from './calibration/calibration.module.js';
import { type Calibrated, Calibrator } from './calibration/calibrator.service.js';
import { readSettings } from './config/environment.js';
import { InvalidEnvironmentError } from './config/invalid-environment.error.js';
import { type RuntimeName, RUNTIMES, type Workload } from './profiles/workload.js';
import { ProfileStorageError } from './profiles/storage.error.js';
import { MeasuringCancelledError } from './profiling/measuring.errors.js';

const program = new Command('calibrate')
  .description(
    'Measures a small set of workloads into the profiles (PROFILES_DIR), so that others can be predicted on this machine. ' +
      'What it has measured already is passed over; interrupted, it goes on where it was when it is started again.',
  )
  .option('--minutes <count>', 'no measurement is begun later than that', minutesFrom, 10)
  .addOption(
    new Option('--runtime <name>', 'what executes the networks: predictions of one rest on nothing that another took')
      .choices(RUNTIMES)
      .default('onnxruntime'),
  );

function minutesFrom(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError('A number above 0 is needed.');
  return value;
}

async function main(): Promise<void> {
  program.parse();
  const { minutes, runtime } = program.opts<{ readonly minutes: number; readonly runtime: RuntimeName }>();
  // Nest reads them too; a wrong variable is told here without the traces that its loader adds.
  readSettings(process.env);
  const app = await NestFactory.createApplicationContext(CalibrationModule, { logger: ['error'], abortOnError: false });
  // An interrupt ends the measuring process, and then this one.
  app.enableShutdownHooks();
  try {
    await calibrateAll(app.get(Calibrator), runtime, 60 * minutes);
  } finally {
    await app.close();
  }
}

async function calibrateAll(calibrator: Calibrator, runtime: RuntimeName, seconds: number): Promise<void> {
  const begun = performance.now();
  const workloads = calibrator.workloads(runtime);
  const counts: Record<Calibrated['kind'], number> = { known: 0, measured: 0, failed: 0 };
  for (const [index, workload] of workloads.entries()) {
    if (performance.now() - begun > 1000 * seconds) break;
    const calibrated = await calibrator.calibrate(workload);
    counts[calibrated.kind] += 1;
    console.log(`${index + 1} of ${workloads.length}: ${tell(calibrated)}`);
  }
  const left = workloads.length - counts.known - counts.measured - counts.failed;
  console.log(`${counts.measured} measured, ${counts.known} known before, ${counts.failed} failed, ${left} left`);
  if (left > 0) console.log('The time is over: start it again to go on.');
}

function tell(calibrated: Calibrated): string {
  const what = describe(calibrated.workload);
  switch (calibrated.kind) {
    case 'known':
      return `${what}: known`;
    case 'measured': {
      const { times, memory, durationSeconds } = calibrated.measurement;
      const step = `${(1000 * times.stepSeconds.median).toFixed(1)} ms, ${(memory.peakRssBytes / 2 ** 20).toFixed(0)} MiB`;
      return `${what}: ${step}; measured in ${durationSeconds.toFixed(0)} s`;
    }
    case 'failed':
      return `${what}: ${calibrated.reason}`;
  }
}

function describe({ architecture, applicationType, batchSize, imageSize }: Workload): string {
  return `${applicationType} of ${architecture}, ${batchSize} x ${imageSize.join('x')}`;
}

main().catch((error: unknown) => {
  // The terminal's interrupt; what was measured is kept.
  if (error instanceof MeasuringCancelledError) return;
  const isExpected = error instanceof InvalidEnvironmentError || error instanceof ProfileStorageError;
  console.error(isExpected ? error.message : error);
  process.exitCode = 1;
});
