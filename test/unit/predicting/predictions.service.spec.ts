import { setTimeout } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type { HardwareService } from '../../../src/hardware/hardware.service.js';
import { conditionsOf } from '../../../src/hardware/conditions.js';
import { PredictingError } from '../../../src/predicting/predicting.errors.js';
import { PredictionsService } from '../../../src/predicting/predictions.service.js';
import type { Profile } from '../../../src/profiles/profile.js';
import type { ProfilesRepository } from '../../../src/profiles/profiles.repository.js';
import { someLiveParts } from '../../fixtures/predictions.js';
import { threadProgram } from '../../fixtures/threads/program.js';
import { A_MACHINE, A_TRAINING, aMeasurement } from '../../fixtures/measurements.js';

const UP_TO_1024 = { fewest: 1, most: 1024 };

const batchOf = (batchSize: number) => ({ ...A_TRAINING, batchSize });

function profileOf(batches: readonly number[], machine = A_MACHINE): Profile {
  const measurements = batches.map((batchSize) => ({
    ...aMeasurement(batchOf(batchSize), { id: `m${batchSize}` }),
    conditions: conditionsOf(A_MACHINE),
  }));
  return { schemaVersion: 2, machine, architecture: A_TRAINING.architecture, measurements };
}

describe('predictions by a thread', () => {
  let profiles: Profile[];
  let list: jest.Mock;
  let findTrace: jest.Mock;
  let service: PredictionsService;
  let warn: jest.SpyInstance;

  beforeEach(() => {
    warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation();
    profiles = [profileOf([2, 4])];
    list = jest.fn(() => Promise.resolve({ profiles, unreadable: [] }));
    findTrace = jest.fn(() => Promise.resolve(null));
    service = new PredictionsService(
      { machine: () => Promise.resolve(A_MACHINE) } as unknown as HardwareService,
      { list, findTrace } as unknown as ProfilesRepository,
      threadProgram('counting'),
    );
    service.onApplicationBootstrap();
  });

  afterEach(async () => {
    await service.onModuleDestroy();
    jest.restoreAllMocks();
  });

  /** Of how many observations a prediction was made; null where there is none. */
  const observed = async (batchSize = 8) => (await service.predict(batchOf(batchSize)))?.prediction.cpuPeakPercent;

  async function untilObserved(count: number | undefined): Promise<void> {
    // A thread that has just died answers nobody until it is noticed.
    while ((await observed().catch(() => null)) !== count) await setTimeout(20);
  }

  it('rest on all that was measured here, and say on what', async () => {
    expect(await service.predict(batchOf(8))).toMatchObject({
      prediction: { cpuPeakPercent: 2 },
      basis: { measurementIds: ['m2', 'm4'], measurementCount: 2, hasWorkload: false },
    });
    expect((await service.predict(batchOf(4)))?.basis.hasWorkload).toBe(true);
    expect((await service.predict({ ...A_TRAINING, architecture: 'resnet18' }))?.basis).toEqual({
      measurementIds: [],
      measurementCount: 2,
      hasWorkload: false,
    });
  });

  it('are not there where nothing was measured here', async () => {
    profiles = [profileOf([2, 4], { ...A_MACHINE, id: 'another' })];
    await untilObserved(undefined);
  });

  it('follow what is added and deleted, and read no trace twice', async () => {
    await untilObserved(2);
    profiles = [profileOf([2, 4, 6])];
    await untilObserved(3);
    expect(findTrace.mock.calls.map(([, id]) => id as string)).toEqual(['m2', 'm4', 'm6']);
    profiles = [profileOf([6])];
    await untilObserved(1);
    profiles = [];
    await untilObserved(undefined);
  });

  it('have learned all that there is once they are settled', async () => {
    await service.settle();
    expect(await observed()).toBe(2);
    profiles = [profileOf([2, 4, 6])];
    await service.settle();
    expect(await observed()).toBe(3);
  });

  it('do not look at the profiles for each answer', async () => {
    await untilObserved(2);
    await Promise.all(Array.from({ length: 50 }, () => observed()));
    expect(list.mock.calls.length).toBeLessThanOrEqual(2);
  });

  it('are as before where something cannot be learned', async () => {
    await untilObserved(2);
    profiles = [profileOf([2, 13])];
    while (warn.mock.calls.length === 0) {
      expect(await observed()).toBe(2);
      await setTimeout(20);
    }
    expect(warn).toHaveBeenCalledWith(expect.stringContaining('could not be learned: Error: no 13'));
    profiles = [profileOf([2, 4, 6])];
    await untilObserved(3);
  });

  it('are missing for a workload that they fail for', async () => {
    await expect(observed(13)).rejects.toThrow(PredictingError);
    expect(warn).toHaveBeenCalledWith(expect.stringContaining('could not be predicted: Error: no 13'));
    expect(await observed()).toBe(2);
  });

  it('tell the largest batch that fits, by plan as long as nothing was measured', async () => {
    // Its upper end is 4 % above 250 MB and 40 MB for each image; planned are 1 GB and 100 MB for each.
    expect(await service.largestBatch(A_TRAINING, 1.04 * 650e6, UP_TO_1024)).toBe(10);
    profiles = [];
    await untilObserved(undefined);
    expect(await service.largestBatch(A_TRAINING, 2e9, UP_TO_1024)).toBe(10);
    expect(await service.largestBatch(A_TRAINING, 2e9, { fewest: 1, most: 6 })).toBe(6);
    expect(await service.largestBatch(A_TRAINING, 1, UP_TO_1024)).toBe(0);
    // A single image would fit, but is none that can be computed.
    expect(await service.largestBatch(A_TRAINING, 1.15e9, { fewest: 2, most: 1024 })).toBe(0);
  });

  it('come with what the graph tells of memory', async () => {
    expect(await service.liveParts(A_TRAINING)).toEqual(someLiveParts(A_TRAINING));
    expect(await service.plannedPeakBytes(A_TRAINING)).toBe(1_800_000_000);
  });

  it('come back after the thread died', async () => {
    await expect(observed(66)).rejects.toThrow(PredictingError);
    expect(warn).toHaveBeenCalledWith(expect.stringContaining('The predicting thread ended'));
    await untilObserved(2);
  });
});
