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
import { FakeMeasuring } from './fake-measuring.js';
import { FakePredictions } from './fake-predictions.js';
import { A_FORMER_ID, A_MACHINE } from '../../fixtures/measurements.js';
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

/** The whole service on a port of its own; only the machine's inventory, the measuring and the predicting are not real. */
export async function startService(profilesDirectory?: string, maxQueuedJobs = 32): Promise<RunningService> {
  const directory = profilesDirectory ?? (await mkdtemp(join(tmpdir(), 'profiles-')));
  const measuring = new FakeMeasuring();
  const predictions = new FakePredictions();
  const testing = await Test.createTestingModule({ imports: [AppModule] })
    .overrideProvider(Settings)
    .useValue(settingsOf(directory, { maxQueuedJobs }))
    .overrideProvider(HardwareService)
    .useValue({
      machine: () => Promise.resolve(A_MACHINE),
      wasThisMachine: ({ id }: Machine) => Promise.resolve(id === A_FORMER_ID),
      allowedCores: () => A_MACHINE.allowedCores,
      availableMemoryBytes: () => A_MACHINE.memoryBytes,
      describe: () =>
        Promise.resolve({
          ...machineCodec.encode(A_MACHINE),
          available_memory_bytes: A_MACHINE.memoryBytes,
          gpu_readings: [],
        }),
    })
    .overrideProvider(MeasuringService)
    .useValue(measuring)
    .overrideProvider(Predictions)
    .useValue(predictions)
    .compile();
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
      return startService(directory, maxQueuedJobs);
    },
  };
}
