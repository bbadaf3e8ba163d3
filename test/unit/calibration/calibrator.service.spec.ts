import { Calibrator } from '../../../src/calibration/calibrator.service.js';
import type { HardwareService } from '../../../src/hardware/hardware.service.js';
import type { Machine } from '../../../src/hardware/machine.js';
import type { Measurement, TimingLimits } from '../../../src/profiles/measurement.js';
import type { ProfilesRepository } from '../../../src/profiles/profiles.repository.js';
import { workloadKey } from '../../../src/profiles/workload-key.js';
import type { Workload } from '../../../src/profiles/workload.js';
import { DEFAULT_MEASURING_OPTIONS } from '../../../src/profiling/measuring-options.js';
import { MeasuringCancelledError, OutOfMemoryError } from '../../../src/profiling/measuring.errors.js';
import type { MeasuringService } from '../../../src/profiling/measuring.service.js';
import { A_MACHINE, aMeasurement } from '../../fixtures/measurements.js';

/** Keeps what is added, and finds it again. */
class KeptInMemory {
  readonly kept = new Map<string, Measurement>();

  /** The limits that were asked for, in turn. */
  readonly asked: TimingLimits[] = [];

  findMeasurement(_machine: Machine, workload: Workload, limits: TimingLimits): Promise<Measurement | null> {
    this.asked.push(limits);
    return Promise.resolve(this.kept.get(workloadKey(workload)) ?? null);
  }

  add(_machine: Machine, measurement: Measurement): Promise<void> {
    this.kept.set(workloadKey(measurement.workload), measurement);
    return Promise.resolve();
  }
}

describe('Calibrator', () => {
  const hardware = { machine: () => Promise.resolve(A_MACHINE), allowedCores: () => 4 };
  let profiles: KeptInMemory;
  let measure: jest.Mock<Promise<Measurement>, [Workload]>;
  let calibrator: Calibrator;
  let workload: Workload;

  beforeEach(() => {
    profiles = new KeptInMemory();
    measure = jest.fn((asked: Workload) => Promise.resolve(aMeasurement(asked)));
    calibrator = new Calibrator(
      hardware as unknown as HardwareService,
      profiles as unknown as ProfilesRepository,
      { measure } as unknown as MeasuringService,
      DEFAULT_MEASURING_OPTIONS,
    );
    const [first] = calibrator.workloads();
    if (first === undefined) throw new Error('there is nothing to calibrate with');
    workload = first;
  });

  it('measures what is not known, and keeps it', async () => {
    expect(await calibrator.calibrate(workload)).toMatchObject({ kind: 'measured', measurement: { workload } });
    expect([...profiles.kept.keys()]).toEqual([workloadKey(workload)]);
  });

  it('measures nothing twice', async () => {
    await calibrator.calibrate(workload);
    expect(await calibrator.calibrate(workload)).toEqual({ kind: 'known', workload });
    expect(measure).toHaveBeenCalledTimes(1);
  });

  it('asks for what it measures, within the limits of the service', async () => {
    const tight = { ...DEFAULT_MEASURING_OPTIONS, maxSteps: 5 };
    const tightly = new Calibrator(
      hardware as unknown as HardwareService,
      profiles as unknown as ProfilesRepository,
      { measure } as unknown as MeasuringService,
      tight,
    );
    await tightly.calibrate(workload);
    const limits = { maxSteps: 5, maxSeconds: 8 };
    expect(profiles.asked).toContainEqual(limits);
    expect(measure).toHaveBeenCalledWith(workload, { limits });
  });

  it('goes on after one that cannot be measured, and tells why', async () => {
    measure.mockRejectedValueOnce(new OutOfMemoryError('There was not enough.'));
    expect(await calibrator.calibrate(workload)).toEqual({ kind: 'failed', workload, reason: 'There was not enough.' });
    expect(profiles.kept.size).toBe(0);
    expect(await calibrator.calibrate(workload)).toMatchObject({ kind: 'measured' });
  });

  it('ends when it is interrupted', async () => {
    measure.mockRejectedValueOnce(new MeasuringCancelledError('It was cancelled.'));
    await expect(calibrator.calibrate(workload)).rejects.toThrow(MeasuringCancelledError);
  });

  it('ends where nothing can be kept', async () => {
    jest.spyOn(profiles, 'add').mockRejectedValue(new Error('The disk is full.'));
    await expect(calibrator.calibrate(workload)).rejects.toThrow('The disk is full.');
  });
});
