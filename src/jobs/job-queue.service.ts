import { randomUUID } from 'node:crypto';
import { Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { internalError, Problem } from '../common/problem.js';
import { Settings } from '../config/settings.js';
import type { TimingLimits } from '../profiles/measurement.js';
import { workloadKey } from '../profiles/workload-key.js';
import type { Workload } from '../profiles/workload.js';
import { MeasuringError } from '../profiling/measuring.errors.js';
import { Deferred } from './deferred.js';
import { Forecast } from './forecast.js';
import {
  cancelledProblem,
  closingProblem,
  interruptedProblem,
  takenOverProblem,
  unkeptCancellationProblem,
  unkeptJobProblem,
} from './job-problems.js';
import { isOver, type Job, jobPath } from './job.js';
import { JobsRepository } from './jobs.repository.js';
import { JobWrites } from './job-writes.js';
import { type MadeMeasurement, MeasurementMaker } from './measurement-maker.service.js';
import { measuringProblem } from './measuring-problem.js';
import { TrackedJob } from './tracked-job.js';

/** Jobs that are over and still told of; the oldest give way. */
export const FINISHED_JOBS_KEPT = 100;

/** Between two looks for jobs that another service, sharing the folder, has left. */
const TAKE_IN_SECONDS = 10;

/** A job that is not over. */
interface ActiveJob {
  /** Of workload and limits. */
  readonly key: string;
  /** Whether somebody waits for it, were it lost with the service or not. */
  isAwaited: boolean;
  readonly tracked: TrackedJob;
  /** What those get who wait for it. */
  readonly outcome: Deferred<MadeMeasurement>;
}

export interface SubmittedJob {
  readonly tracked: TrackedJob;
  /** @throws Problem that says why there is no measurement */
  readonly made: Promise<MadeMeasurement>;
}

/**
 * Measurements waiting for their turn, one at a time for each device: two at once would measure each other. Equal
 * workloads within equal limits share a job. What was taken in survives the service: what was queued is queued again at
 * the next start, and what ran is tried once more.
 */
@Injectable()
export class JobQueue implements OnModuleInit, OnModuleDestroy {
  private readonly logger = new Logger(JobQueue.name);
  /** By id, in the order of their turns. */
  private readonly jobs = new Map<string, TrackedJob>();
  /** By id. Of the same workload and limits there are several where another service has left one, too. */
  private readonly active = new Map<string, ActiveJob>();
  /** Measurements under way, by device; each settles, never rejecting, when the device is free again. */
  private readonly underWay = new Map<string, Promise<void>>();
  private readonly writes: JobWrites;
  private nextSequence = 0;
  private ended = 0;
  private closing = false;
  private takingIn: NodeJS.Timeout | undefined;

  constructor(
    private readonly settings: Settings,
    private readonly repository: JobsRepository,
    private readonly maker: MeasurementMaker,
  ) {
    this.writes = new JobWrites(repository);
  }

  /** Takes in again what an earlier process of the service left. */
  async onModuleInit(): Promise<void> {
    for (const job of await this.repository.load(new Set())) {
      this.nextSequence = Math.max(this.nextSequence, job.sequence + 1);
      this.takeIn(job);
    }
    this.forgetOldest();
  }

  /**
   * Begins with what an earlier process left. To be called when the service listens: one that is started twice by mistake
   * finds its address taken, and should leave the jobs of the other alone.
   */
  start(): void {
    this.startNext();
    const look = (): void => {
      this.takeInLeft().catch((error: unknown) => this.logger.warn(String(error)));
    };
    this.takingIn = setInterval(look, TAKE_IN_SECONDS * 1000).unref();
  }

  /** What another service that shares the folder has left since this one started lines up behind its own. */
  async takeInLeft(): Promise<void> {
    for (const job of await this.repository.load(new Set(this.jobs.keys()))) {
      // One that was submitted meanwhile is there already.
      if (!this.jobs.has(job.id)) this.takeIn(isOver(job) ? job : { ...job, sequence: this.nextSequence++ });
    }
    this.forgetOldest();
    this.startNext();
  }

  /**
   * Ends what is being measured; its file goes on saying that it runs, and those of the others that they are queued.
   */
  async onModuleDestroy(): Promise<void> {
    this.closing = true;
    clearInterval(this.takingIn);
    for (const { tracked, outcome } of this.active.values()) {
      outcome.reject(closingProblem());
      tracked.ending.abort();
      tracked.changes.complete();
    }
    await Promise.all(this.underWay.values());
    await this.writes.settled;
    await this.repository.release();
  }

  /** How many jobs have ended so far: where it has grown, there may be a measurement that was not there before. */
  get endedSoFar(): number {
    return this.ended;
  }

  /** In the order of their turns. */
  list(): readonly TrackedJob[] {
    return [...this.jobs.values()];
  }

  find(id: string): TrackedJob | null {
    return this.jobs.get(id) ?? null;
  }

  /** Jobs on the same device whose turn comes before; null unless the job is queued. */
  positionOf({ job }: TrackedJob): number | null {
    return job.state === 'queued'
      ? this.queued().filter((other) => deviceOf(other.job) === deviceOf(job) && other.job.sequence < job.sequence)
          .length
      : null;
  }

  /** @returns seconds until the job will probably be over */
  secondsUntilOver(tracked: TrackedJob): number {
    return new Forecast(this.list(), new Date()).secondsUntilOver(tracked);
  }

  /**
   * A job for each of the workloads: the one that there is already, or a new one; all of them or none. When the promise
   * resolves, they survive the service.
   *
   * @param workloads by names of the caller's own
   * @param mustSurvive whether somebody is to be told that they do: then none is taken in that cannot be written
   * @throws Problem 503 when there is no room for them all, or the service is closing; 500, 503 or 507 where they cannot
   *   be written but must
   */
  async submit<Name>(
    workloads: ReadonlyMap<Name, Workload>,
    limits: TimingLimits,
    mustSurvive = false,
  ): Promise<ReadonlyMap<Name, SubmittedJob>> {
    if (workloads.size === 0) return new Map();
    if (this.closing) throw closingProblem();
    this.assertRoomFor([...workloads.values()], limits);
    const submitted = new Map<Name, SubmittedJob>();
    const created: TrackedJob[] = [];
    for (const [name, workload] of workloads) {
      let active = this.sharedBy(keyOf({ workload, limits }));
      if (active === undefined) {
        active = this.create(workload, limits);
        created.push(active.tracked);
      } else if (mustSurvive && active.tracked.unkept !== null) {
        // What could not be written before may be now.
        void this.writes.save(active.tracked);
      }
      active.isAwaited ||= !mustSurvive;
      submitted.set(name, { tracked: active.tracked, made: active.outcome.promise });
    }
    this.startNext();
    await this.writes.settled;
    if (mustSurvive) this.assertWritten([...submitted.values()], created);
    return submitted;
  }

  /** @throws Problem */
  private assertWritten(submitted: readonly SubmittedJob[], created: readonly TrackedJob[]): void {
    const [error] = submitted.flatMap(({ tracked }) => tracked.unkept ?? []);
    if (error === undefined) return;
    for (const tracked of created) {
      // Nor is anything given up that somebody has begun to wait for meanwhile.
      if (this.active.get(tracked.job.id)?.isAwaited === false) this.giveUp(tracked);
    }
    throw unkeptJobProblem(error);
  }

  /**
   * Ends a job that is queued or running, whoever waits for it.
   * @throws Problem where it would not survive the service that it was cancelled
   */
  async cancel(tracked: TrackedJob): Promise<void> {
    if (isOver(tracked.job)) void this.writes.save(tracked);
    else this.giveUp(tracked);
    await this.writes.settled;
    if (tracked.unkept !== null) throw unkeptCancellationProblem(tracked.unkept);
  }

  private giveUp(tracked: TrackedJob): void {
    this.end(tracked, { state: 'cancelled' });
    this.tellThoseBehind(tracked);
    tracked.ending.abort();
  }

  private assertRoomFor(workloads: readonly Workload[], limits: TimingLimits): void {
    const queued = this.queued().length;
    const missing = new Map(workloads.map((workload) => [keyOf({ workload, limits }), workload]));
    for (const { key } of this.active.values()) missing.delete(key);
    // The first one does not wait where nothing is being measured.
    const idle = [...missing.values()].some(({ device }) => !this.underWay.has(device)) ? 1 : 0;
    const { maxQueuedJobs } = this.settings;
    if (missing.size === 0 || queued + missing.size - idle <= maxQueuedJobs) return;
    const seconds = new Forecast(this.list(), new Date()).secondsUntilRoom();
    throw new Problem(
      'queue-full',
      503,
      `${queued} measurements are waiting for their turn, and no more than ${maxQueuedJobs} may (MAX_QUEUED_JOBS). Try again in ${seconds} s.`,
      { headers: { 'retry-after': String(seconds) }, extensions: { max_queued_jobs: maxQueuedJobs } },
    );
  }

  private create(workload: Workload, limits: TimingLimits): ActiveJob {
    const active = this.add({
      id: randomUUID(),
      sequence: this.nextSequence++,
      state: 'queued',
      workload,
      limits,
      createdAt: new Date().toISOString(),
      startedAt: null,
      endedAt: null,
      interruptions: 0,
      result: null,
      problem: null,
    });
    void this.writes.save(active.tracked);
    return active;
  }

  private add(job: Job): ActiveJob {
    const active: ActiveJob = {
      key: keyOf(job),
      isAwaited: false,
      tracked: new TrackedJob(job),
      outcome: new Deferred<MadeMeasurement>(),
    };
    this.jobs.set(job.id, active.tracked);
    if (!isOver(job)) this.active.set(job.id, active);
    return active;
  }

  /** The first whose turn comes. */
  private sharedBy(key: string): ActiveJob | undefined {
    return [...this.active.values()].find((active) => active.key === key);
  }

  private takeIn(job: Job): void {
    const { tracked } = this.add(job);
    if (job.state !== 'running') return;
    // What ended the service may have been the measurement itself.
    const interruptions = job.interruptions + 1;
    // Its file says so when it begins again: a service that ends before that does not interrupt it once more.
    tracked.change({ state: 'queued', interruptions });
    if (interruptions > 1) this.fail(tracked, interruptedProblem());
  }

  private queued(): readonly TrackedJob[] {
    return this.list().filter(({ job }) => job.state === 'queued');
  }

  private startNext(): void {
    if (this.closing) return;
    for (const tracked of this.queued()) {
      const device = deviceOf(tracked.job);
      if (this.underWay.has(device)) continue;
      const over = this.run(tracked).finally(() => {
        this.underWay.delete(device);
        this.startNext();
      });
      this.underWay.set(device, over);
    }
  }

  /** Of what comes later, each has another place in the queue now. */
  private tellThoseBehind({ job }: TrackedJob): void {
    for (const tracked of this.queued()) {
      if (deviceOf(tracked.job) === deviceOf(job) && tracked.job.sequence > job.sequence) tracked.tell();
    }
  }

  /** Never rejects. */
  private async run(tracked: TrackedJob): Promise<void> {
    tracked.change({ state: 'running', startedAt: new Date().toISOString() });
    this.tellThoseBehind(tracked);
    // What ends the service from here on is to be found as an interruption.
    await this.writes.save(tracked);
    const isOwn = await this.repository.isOwn(tracked.job.id);
    if (tracked.ending.signal.aborted) return;
    if (!isOwn) {
      this.leave(tracked);
      return;
    }
    try {
      const made = await this.maker.make(tracked.job, {
        signal: tracked.ending.signal,
        onProgress: (progress) => tracked.advance(progress),
      });
      if (!isOver(tracked.job)) this.succeed(tracked, made);
    } catch (error) {
      // Cancelled; or the service is closing, and the next one takes it up.
      if (isOver(tracked.job) || this.closing) return;
      this.fail(tracked, this.toProblem(error));
    }
  }

  /** To the service that has it now, and writes its file. */
  private leave(tracked: TrackedJob): void {
    const { id } = tracked.job;
    this.active.get(id)?.outcome.reject(takenOverProblem());
    this.active.delete(id);
    this.jobs.delete(id);
    tracked.changes.complete();
  }

  private succeed(tracked: TrackedJob, made: MadeMeasurement): void {
    const result = { machineId: made.machine.id, measurementId: made.measurement.id, kept: made.kept };
    this.active.get(tracked.job.id)?.outcome.resolve(made);
    this.end(tracked, { state: 'succeeded', result });
  }

  private fail(tracked: TrackedJob, problem: Problem): void {
    this.active.get(tracked.job.id)?.outcome.reject(problem);
    this.end(tracked, { state: 'failed', problem: problem.toDocument(jobPath(tracked.job.id)) });
  }

  private end(tracked: TrackedJob, changes: Pick<Job, 'state'> & Partial<Job>): void {
    const { id } = tracked.job;
    // Of a job that came to its end otherwise they were told before.
    this.active.get(id)?.outcome.reject(cancelledProblem());
    this.active.delete(id);
    this.ended++;
    tracked.change({ ...changes, endedAt: new Date().toISOString() });
    void this.writes.save(tracked);
    this.forgetOldest();
  }

  private forgetOldest(): void {
    const over = this.list().filter(({ job }) => isOver(job));
    over.sort((left, right) => (left.job.endedAt ?? '').localeCompare(right.job.endedAt ?? ''));
    for (const { job } of over.slice(0, Math.max(0, over.length - FINISHED_JOBS_KEPT))) {
      this.jobs.delete(job.id);
      void this.writes.remove(job.id);
    }
  }

  private toProblem(error: unknown): Problem {
    if (error instanceof MeasuringError) return measuringProblem(error);
    this.logger.error(error instanceof Error ? error : new Error(String(error)));
    return internalError();
  }
}

function keyOf({ workload, limits }: Pick<Job, 'workload' | 'limits'>): string {
  return `${workloadKey(workload)} ${limits?.maxSteps ?? ''} ${limits?.maxSeconds ?? ''}`;
}

function deviceOf({ workload }: Job): string {
  return workload.device;
}
