import { Accepted } from '../../../src/estimates/accepted.js';
import { MeasuredWorkloadsService } from '../../../src/estimates/measured-workloads.service.js';
import type { Preference } from '../../../src/estimates/preference.js';
import { TrainabilityService } from '../../../src/estimates/trainability.service.js';
import type { HardwareService } from '../../../src/hardware/hardware.service.js';
import type { Machine } from '../../../src/hardware/machine.js';
import type { JobQueue } from '../../../src/jobs/job-queue.service.js';
import type { Measurement } from '../../../src/profiles/measurement.js';
import type { ProfilesRepository } from '../../../src/profiles/profiles.repository.js';
import type { RuntimesService } from '../../../src/runtimes/runtimes.service.js';
import type { Workload } from '../../../src/profiles/workload.js';
import { A_MACHINE, A_TRAINING, aMeasurement, THE_LIMITS } from '../../fixtures/measurements.js';

const PATIENT: Preference = { waitSeconds: null, applied: '', appliedByWaiting: '' };

describe('measured workloads', () => {
  let kept: Measurement[];
  let jobs: { endedSoFar: number; submit: jest.Mock };
  let duringLookUp: () => void;
  let service: MeasuredWorkloadsService;

  beforeEach(() => {
    kept = [];
    duringLookUp = () => undefined;
    jobs = {
      endedSoFar: 0,
      submit: jest.fn((workloads: ReadonlyMap<string, Workload>) => {
        const made = (workload: Workload) => ({
          tracked: { job: { sequence: workload.batchSize } },
          made: Promise.resolve({ measurement: aMeasurement(workload), machine: A_MACHINE, kept: true }),
        });
        return Promise.resolve(new Map([...workloads].map(([name, workload]) => [name, made(workload)])));
      }),
    };
    const hardware = { machine: () => Promise.resolve(A_MACHINE) };
    const profiles = {
      findMeasurement: (_machine: Machine, workload: Workload) => {
        const found = kept.find((measurement) => measurement.workload.batchSize === workload.batchSize) ?? null;
        duringLookUp();
        return Promise.resolve(found);
      },
    };
    service = new MeasuredWorkloadsService(
      hardware as unknown as HardwareService,
      profiles as unknown as ProfilesRepository,
      jobs as unknown as JobQueue,
      new TrainabilityService(),
      { reasonAgainst: () => Promise.resolve(null) } as unknown as RuntimesService,
    );
  });

  const batches = async (preference = PATIENT): Promise<unknown> => {
    const workloads = { two: { ...A_TRAINING, batchSize: 2 }, four: { ...A_TRAINING, batchSize: 4 } };
    return service.obtain(workloads, THE_LIMITS, preference);
  };

  it('has those made that there are not, and gives all back by their names', async () => {
    kept.push(aMeasurement({ ...A_TRAINING, batchSize: 4 }));
    expect(await batches()).toMatchObject({
      two: { measurement: { workload: { batchSize: 2 } }, fromProfile: false },
      four: { measurement: { workload: { batchSize: 4 } }, fromProfile: true },
    });
    // Nobody is told of a job.
    expect(jobs.submit).toHaveBeenLastCalledWith(expect.anything(), THE_LIMITS, false);
    expect([...(jobs.submit.mock.lastCall as [Map<string, unknown>])[0].keys()]).toEqual(['two']);
  });

  it('does not measure what was written between looking for it and asking for it', async () => {
    duringLookUp = () => {
      duringLookUp = () => undefined;
      kept.push(...[2, 4].map((batchSize) => aMeasurement({ ...A_TRAINING, batchSize })));
      jobs.endedSoFar++;
    };
    expect(await batches()).toMatchObject({ two: { fromProfile: true }, four: { fromProfile: true } });
  });

  it('has all of them made anew when asked to', async () => {
    kept.push(aMeasurement({ ...A_TRAINING, batchSize: 4 }));
    const four = { ...A_TRAINING, batchSize: 4 };
    expect(await service.obtain({ four }, THE_LIMITS, PATIENT, true)).toMatchObject({ four: { fromProfile: false } });
    expect(jobs.submit).toHaveBeenCalledTimes(1);
  });

  it('tells who does not want to wait the jobs in the order of their turns', async () => {
    const accepted = await batches({ ...PATIENT, waitSeconds: 0, applied: 'respond-async' });
    expect(accepted).toBeInstanceOf(Accepted);
    expect(accepted).toMatchObject({
      jobs: [{ job: { sequence: 2 } }, { job: { sequence: 4 } }],
      applied: 'respond-async',
    });
    expect(jobs.submit).toHaveBeenLastCalledWith(expect.anything(), THE_LIMITS, true);
  });

  it('refuses what cannot be trained before it would wait for its turn', async () => {
    const refused = service.obtain({ one: { ...A_TRAINING, batchSize: 1 } }, THE_LIMITS, PATIENT);
    await expect(refused).rejects.toMatchObject({ type: 'untrainable', status: 422 });
    expect(jobs.submit).not.toHaveBeenCalled();
  });
});
