import { machineCodec } from '../../../src/hardware/machine.codec.js';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { AppModule } from '../../../src/app.module.js';
import { Settings } from '../../../src/config/settings.js';
import { APP_OPTIONS, configureApp, createAdapter } from '../../../src/create-app.js';
import { HardwareService } from '../../../src/hardware/hardware.service.js';
import type { Machine } from '../../../src/hardware/machine.js';
import { MeasuringService } from '../../../src/profiling/measuring.service.js';
import { Predictions } from '../../../src/predicting/predictions.js';
import { THREAD_PROGRAM } from '../../../src/predicting/thread-program.js';
import { FakeMeasuring } from './fake-measuring.js';
import { FakePredictions } from './fake-predictions.js';
import { A_FORMER_ID, A_MACHINE } from '../../fixtures/measurements.js';
import { REAL_THREAD } from '../../fixtures/threads/program.js';
import { settingsOf } from '../../fixtures/settings.js';

export interface RunningService {
  readonly app: NestFastifyApplication;
  /** Of the address that it listens on, without a slash at the end. */
  readonly url: string;
  readonly measuring: FakeMeasuring;
  readonly predictions: FakePredictions;
  readonly profilesDirectory: string;
  /** @returns when it has ended and its profiles are gone */
  readonly stop: () => Promise<void>;
  /** Ends it and starts another one over the same profiles. */
  readonly restart: () => Promise<RunningService>;
}

/** What differs from the usual service of a test. */
export interface ServiceChanges {
  readonly machine?: Machine;
  /** Whether a real thread predicts, from what is in the profiles. */
  readonly predicts?: boolean;
}

/** The whole service on a port of its own; only the machine's inventory, the measuring and, by default, the predicting are not real. */
export async function startService(
  profilesDirectory?: string,
  maxQueuedJobs = 32,
  changes: ServiceChanges = {},
): Promise<RunningService> {
  const { machine = A_MACHINE, predicts = false } = changes;
  const directory = profilesDirectory ?? (await mkdtemp(join(tmpdir(), 'profiles-')));
  const measuring = new FakeMeasuring();
  const predictions = new FakePredictions();
  const builder = Test.createTestingModule({ imports: [AppModule] })
    .overrideProvider(Settings)
    .useValue(settingsOf(directory, { maxQueuedJobs }))
    .overrideProvider(HardwareService)
    .useValue({
      machine: () => Promise.resolve(machine),
      wasThisMachine: ({ id }: Machine) => Promise.resolve(id === A_FORMER_ID),
      allowedCores: () => machine.allowedCores,
      availableMemoryBytes: () => machine.memoryBytes,
      describe: () =>
        Promise.resolve({
          ...machineCodec.encode(machine),
          available_memory_bytes: machine.memoryBytes,
          gpu_readings: [],
        }),
    })
    .overrideProvider(MeasuringService)
    .useValue(measuring);
  const testing = await (
    predicts
      ? builder.overrideProvider(THREAD_PROGRAM).useValue(REAL_THREAD)
      : builder.overrideProvider(Predictions).useValue(predictions)
  ).compile();
  const app = testing.createNestApplication<NestFastifyApplication>(createAdapter(), APP_OPTIONS);
  await configureApp(app);
  await app.listen(0, '127.0.0.1');
  return {
    app,
    url: (await app.getUrl()).replace('[::1]', '127.0.0.1'),
    measuring,
    predictions,
    profilesDirectory: directory,
    stop: async () => {
      await app.close();
      await rm(directory, { recursive: true, force: true });
    },
    restart: async () => {
      await app.close();
      return startService(directory, maxQueuedJobs, changes);
    },
  };
}
