import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { HardwareService } from '../hardware/hardware.service.js';
import { JobQueue, type SubmittedJob } from '../jobs/job-queue.service.js';
import type { TrackedJob } from '../jobs/tracked-job.js';
import { ProfilesRepository } from '../profiles/profiles.repository.js';
import type { TimingLimits } from '../profiles/measurement.js';
import type { Workload } from '../profiles/workload.js';
import { Accepted } from './accepted.js';
import type { ObtainedMeasurement } from './obtained.js';
import type { Preference } from './preference.js';
import { Problem } from '../common/problem.js';
import { jsonPointer } from '../common/json-pointer.js';
import { RuntimesService } from '../runtimes/runtimes.service.js';
import { TrainabilityService } from './trainability.service.js';

/** Finds the measurements of workloads in the profiles, or has jobs make them. */
@Injectable()
export class MeasuredWorkloadsService {
  constructor(
    private readonly hardware: HardwareService,
    private readonly profiles: ProfilesRepository,
    private readonly jobs: JobQueue,
    private readonly trainability: TrainabilityService,
    private readonly runtimes: RuntimesService,
  ) {}

  /**
   * Who asked may leave: what was begun is finished and kept.
   *
   * @param workloads by the names under which their measurements are given back
   * @param limits that the measurements have to be made within, or wider ones
   * @param refresh measures although there are measurements; those that are under way are new enough
   * @returns the measurements; or the jobs that make them, when the client does not want to wait longer
   * @throws Problem
   */
  async obtain<Name extends string>(
    workloads: Readonly<Record<Name, Workload>>,
    limits: TimingLimits,
    preference: Preference,
    refresh = false,
  ): Promise<Readonly<Record<Name, ObtainedMeasurement>> | Accepted> {
    const wanted = Object.entries<Workload>(workloads);
    const found = refresh ? new Map<string, ObtainedMeasurement>() : await this.find(wanted, limits);
    const missing = wanted.filter(([name]) => !found.has(name));
    for (const [, workload] of missing) {
      this.trainability.assertTrainable(workload);
      await this.assertAvailable(workload);
    }
    // Who may be told of a job is promised that it survives the service.
    const submitted = await this.jobs.submit(new Map(missing), limits, preference.waitSeconds !== null);
    const accepted = new Accepted(inTurn(submitted.values()), preference.applied);
    if (missing.length > 0 && preference.waitSeconds === 0) return accepted;
    const made = await within(Promise.all([...submitted].map(newlyMade)), preference.waitSeconds);
    if (made === null) return accepted;
    // The compiler cannot see that there is one for each name.
    return Object.fromEntries([...found, ...made]) as Record<Name, ObtainedMeasurement>;
  }

  /** Those that were measured before, by their names. */
  async find(
    wanted: readonly (readonly [string, Workload])[],
    limits: TimingLimits,
  ): Promise<Map<string, ObtainedMeasurement>> {
    const machine = await this.hardware.machine();
    for (;;) {
      const endedBefore = this.jobs.endedSoFar;
      const found = new Map<string, ObtainedMeasurement>();
      for (const [name, workload] of wanted) {
        const measurement = await this.profiles.findMeasurement(machine, workload, limits);
        if (measurement !== null) found.set(name, { measurement, machine, fromProfile: true, kept: true });
      }
      // A job that ended between may have written what was not there yet: it would be measured twice.
      if (found.size === wanted.length || this.jobs.endedSoFar === endedBefore) return found;
    }
  }

  /** Before a job waits for its turn in vain. @throws Problem 422 */
  private async assertAvailable(workload: Workload): Promise<void> {
    const unavailable = await this.runtimes.reasonAgainst(workload);
    if (unavailable === null) return;
    const { problem, field, detail } = unavailable;
    throw new Problem(problem, 422, `${field} ${detail}`, {
      errors: [{ pointer: jsonPointer([field]), detail }],
    });
  }
}

async function newlyMade([name, { made }]: readonly [string, SubmittedJob]): Promise<[string, ObtainedMeasurement]> {
  return [name, { ...(await made), fromProfile: false }];
}

function inTurn(submitted: Iterable<SubmittedJob>): readonly TrackedJob[] {
  const jobs = new Set([...submitted].map(({ tracked }) => tracked));
  return [...jobs].sort((left, right) => left.job.sequence - right.job.sequence);
}

/** Null when the time is over first; null for the time: as long as it takes. */
async function within<T>(promise: Promise<T>, seconds: number | null): Promise<T | null> {
  if (seconds === null) return promise;
  const settled = new AbortController();
  try {
    return await Promise.race([promise, sleep(seconds * 1000, null, { signal: settled.signal })]);
  } finally {
    settled.abort();
  }
}
