import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { LruCache } from '../common/lru-cache.js';
import { HardwareService } from '../hardware/hardware.service.js';
import type { KeptMeasurement } from '../profiles/kept-measurement.js';
import type { Profile } from '../profiles/profile.js';
import { ProfilesRepository } from '../profiles/profiles.repository.js';
import { workloadKey } from '../profiles/workload-key.js';
import type { Workload } from '../profiles/workload.js';
import { BasisIndex } from './basis.js';
import type { LivePart } from './memory-breakdown.js';
import { observable, observationOf } from './observations.js';
import { canBePredicted } from './predicted-key.js';
import { PredictingClosedError, PredictingError } from './predicting.errors.js';
import { Predictions, type BatchRange, type FoundedPrediction } from './predictions.js';
import { PredictorThread } from './predictor-thread.js';
import type { TaskName, ThreadTasks } from './thread-message.js';
import { THREAD_PROGRAM, type ThreadProgram } from './thread-program.js';

/** Predictions that are remembered until something else is learned; each has about a kilobyte. */
const REMEMBERED = 10_000;
/** Between two looks whether profiles have changed, by whomever; each takes some milliseconds. */
const LOOK_SECONDS = 1;

/**
 * Predicts by a thread that has learned all fresh measurements of this machine. While it learns what is new, or what is
 * gone, answers are as before.
 */
@Injectable()
export class PredictionsService extends Predictions implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(PredictionsService.name);
  private readonly known = new LruCache<string, Promise<FoundedPrediction | null>>(REMEMBERED);
  private readonly parts = new LruCache<string, LivePart>(REMEMBERED);
  private thread: PredictorThread | null = null;
  /** By the revision of what the thread has learned. */
  private readonly bases = new Map<number, BasisIndex>();
  /** Of this machine, as they were looked at last: an unchanged file is read as the same object. */
  private seen: readonly Profile[] = [];
  private learned = new Map<string, KeptMeasurement>();
  private looking: Promise<void> | null = null;
  /** Why what was seen could not be learned; null where it was. */
  private failure: string | null = null;
  private lookedAt = -Infinity;
  private closing = false;

  constructor(
    private readonly hardware: HardwareService,
    private readonly profiles: ProfilesRepository,
    @Inject(THREAD_PROGRAM) private readonly program: ThreadProgram,
  ) {
    super();
  }

  /** What there is already is learned while the service begins to answer. */
  onApplicationBootstrap(): void {
    this.lookIfDue();
  }

  async onModuleDestroy(): Promise<void> {
    this.closing = true;
    // What it is learning nobody will ask for.
    await this.thread?.close();
    await this.looking;
  }

  async predict(workload: Workload): Promise<FoundedPrediction | null> {
    if (!canBePredicted(workload)) return null;
    this.lookIfDue();
    // Before anything was learned for the first time there is nothing to answer with meanwhile.
    if (this.learned.size === 0) await this.looking;
    if (this.closing) throw new PredictingClosedError();
    const { thread } = this;
    if (thread === null || this.learned.size === 0) {
      if (this.failure !== null) throw new PredictingError(this.failure);
      return null;
    }
    const key = workloadKey(workload);
    const known = this.known.get(key);
    if (known !== undefined) return known;
    const asked = this.ask(thread, workload);
    this.known.set(key, asked);
    return asked;
  }

  async settle(): Promise<void> {
    // What is being looked at now may have been read before the last measurement was written.
    await this.looking;
    if (!this.closing) await this.startLooking();
  }

  async liveParts(workload: Workload): Promise<LivePart> {
    const key = workloadKey(workload);
    const known = this.parts.get(key);
    if (known !== undefined) return known;
    const parts = await this.askLiving('liveParts', { workload });
    this.parts.set(key, parts);
    return parts;
  }

  async plannedPeakBytes(workload: Workload): Promise<number> {
    const { peakRssBytes } = await this.askLiving('plannedPeak', { workload });
    return peakRssBytes;
  }

  async largestBatch(workload: Workload, budgetBytes: number, batches: BatchRange): Promise<number> {
    this.lookIfDue();
    if (this.learned.size === 0) await this.looking;
    const { batchSize } = await this.askLiving('largestBatch', { workload, budgetBytes, batches });
    return batchSize;
  }

  private async ask(thread: PredictorThread, workload: Workload): Promise<FoundedPrediction | null> {
    try {
      const { revision, prediction } = await thread.ask('predict', { workload });
      const basis = this.bases.get(revision)?.of(workload);
      return prediction === null || basis === undefined ? null : { prediction, basis };
    } catch (error) {
      if (this.closing) throw new PredictingClosedError();
      this.logger.warn(`${workload.architecture} could not be predicted: ${messageOf(error)}`);
      throw error;
    }
  }

  /** @throws PredictingError */
  private async askLiving<Name extends TaskName>(
    task: Name,
    asked: ThreadTasks[Name]['asked'],
  ): Promise<ThreadTasks[Name]['answer']> {
    try {
      return await this.livingThread().ask(task, asked);
    } catch (error) {
      if (this.closing) throw new PredictingClosedError();
      throw error;
    }
  }

  private lookIfDue(): void {
    const isDue = performance.now() / 1000 - this.lookedAt >= LOOK_SECONDS;
    if (isDue && !this.closing) void this.startLooking();
  }

  /** Never rejects. */
  private startLooking(): Promise<void> {
    this.looking ??= this.look()
      .catch((error: unknown) => {
        if (!this.closing) this.logger.warn(`Measurements could not be learned: ${messageOf(error)}`);
      })
      .finally(() => {
        this.looking = null;
        this.lookedAt = performance.now() / 1000;
      });
    return this.looking;
  }

  private async look(): Promise<void> {
    const machine = await this.hardware.machine();
    const profiles = (await this.profiles.list()).profiles.filter((one) => one.machine.id === machine.id);
    if (this.thread?.hasEnded === true) this.forget();
    if (profiles.length === this.seen.length && profiles.every((one, index) => one === this.seen[index])) return;
    this.seen = profiles;
    try {
      await this.learn(machine.id, new Map(observable(profiles, machine).map((one) => [one.id, one])));
      this.failure = null;
    } catch (error) {
      this.failure = messageOf(error);
      throw error;
    }
  }

  private async learn(machineId: string, wanted: ReadonlyMap<string, KeptMeasurement>): Promise<void> {
    const added = [...wanted.values()].filter(({ id }) => !this.learned.has(id));
    const removedIds = [...this.learned.keys()].filter((id) => !wanted.has(id));
    if (added.length + removedIds.length === 0) return;
    const thread = this.livingThread();
    const observations = [];
    // One after the other: requests are answered in between.
    for (const measurement of added) {
      const trace = await this.profiles.findTrace(machineId, measurement.id);
      observations.push(observationOf(measurement, trace?.costs ?? null));
      // Another thread, which a request may have started meanwhile, knows nothing of what this one had learned: the next
      // look begins anew, and finds all of it missing.
      if (this.thread !== thread || thread.hasEnded)
        throw new PredictingError('The predicting thread ended meanwhile.');
    }
    const next = Math.max(0, ...this.bases.keys()) + 1;
    this.bases.set(next, new BasisIndex([...wanted.values()]));
    try {
      await thread.ask('learn', { added: observations, removedIds });
    } catch (error) {
      this.bases.delete(next);
      throw error;
    }
    this.learned = new Map(wanted);
    for (const old of this.bases.keys()) if (old < next) this.bases.delete(old);
    this.known.clear();
  }

  /** @throws PredictingClosedError */
  private livingThread(): PredictorThread {
    if (this.closing) throw new PredictingClosedError();
    if (this.thread?.hasEnded === true) this.forget();
    this.thread ??= new PredictorThread(this.program);
    return this.thread;
  }

  /** A thread that has ended took with it what it had learned. */
  private forget(): void {
    this.thread = null;
    this.learned = new Map();
    this.bases.clear();
    this.seen = [];
    this.failure = null;
    this.known.clear();
    // Who asks next waits for it to be learned again, and is not told that there is nothing.
    this.lookedAt = -Infinity;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
