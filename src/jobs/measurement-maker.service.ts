import { Injectable, Logger } from '@nestjs/common';
import { LedgerService } from '../accuracy/ledger.service.js';
import { HardwareService } from '../hardware/hardware.service.js';
import type { Machine } from '../hardware/machine.js';
import { decisiveNeed, neededBytes } from '../prediction/fit.js';
import type { Interval } from '../prediction/prediction.js';
import { PredictingError } from '../predicting/predicting.errors.js';
import { Predictions, type FoundedPrediction } from '../predicting/predictions.js';
import type { Measurement } from '../profiles/measurement.js';
import type { FreshMeasurement } from '../profiles/step-trace.js';
import { ProfilesRepository } from '../profiles/profiles.repository.js';
import { ProfileStorageError } from '../profiles/storage.error.js';
import type { Workload } from '../profiles/workload.js';
import { MeasuringCancelledError } from '../profiling/measuring.errors.js';
import { type MeasureOptions, MeasuringService } from '../profiling/measuring.service.js';
import type { Job } from './job.js';

/** What came of a job. */
export interface MadeMeasurement {
  readonly measurement: Measurement;
  readonly machine: Machine;
  /** False when it could not be written: the same request will measure again. */
  readonly kept: boolean;
  /** Why it could not be written, and what to do about it. */
  readonly trouble?: string;
}

/** Makes the measurement of a job, writes it to its profile, and compares it with what had been predicted. */
@Injectable()
export class MeasurementMaker {
  private readonly logger = new Logger(MeasurementMaker.name);

  constructor(
    private readonly hardware: HardwareService,
    private readonly profiles: ProfilesRepository,
    private readonly measuring: MeasuringService,
    private readonly predictions: Predictions,
    private readonly ledger: LedgerService,
  ) {}

  /** @throws MeasuringError */
  async make(job: Job, options: MeasureOptions): Promise<MadeMeasurement> {
    const machine = await this.hardware.machine();
    // A service that died just after it had written the measurement did not get to say that the job was over.
    const { workload, limits } = job;
    const found =
      job.interruptions === 0 || limits === null
        ? null
        : await this.profiles.findMeasurement(machine, workload, limits);
    if (found !== null && found.measuredAt >= job.createdAt) return { measurement: found, machine, kept: true };
    const predicted = await unlessAborted(this.predicted(workload), options.signal);
    const needed = (await this.measuredNeed(machine, workload)) ?? decisiveNeed(predicted?.prediction ?? null);
    const measurement = await this.measuring.measure(workload, { ...options, limits, neededBytes: needed });
    const keeping = await this.keep(machine, measurement);
    if (keeping.kept) await this.ledger.compare(machine, measurement, predicted);
    // The answer does not wait for it; the next measurement does.
    void this.predictions.settle();
    return { measurement, machine, ...keeping };
  }

  /** By all that was measured until now; null where nothing could be predicted. */
  private async predicted(workload: Workload): Promise<FoundedPrediction | null> {
    await this.predictions.settle();
    try {
      return await this.predictions.predict(workload);
    } catch (error) {
      if (!(error instanceof PredictingError)) throw error;
      // Told in the log by what predicts; it is measured without.
      return null;
    }
  }

  /** What is known decides what fits, before what is predicted. It is the same however long the steps were timed. */
  private async measuredNeed(machine: Machine, workload: Workload): Promise<Interval | null> {
    const found = await this.profiles.findMeasurement(machine, workload, { maxSteps: 0, maxSeconds: 0 });
    if (found === null) return null;
    const needed = neededBytes(found.memory);
    return { low: needed, central: needed, high: needed };
  }

  /** A full disk is no reason to withhold what was measured. */
  private async keep(
    machine: Machine,
    measurement: FreshMeasurement,
  ): Promise<Pick<MadeMeasurement, 'kept' | 'trouble'>> {
    try {
      await this.profiles.add(machine, measurement);
      return { kept: true };
    } catch (error) {
      this.logger.error(error instanceof Error ? error : new Error(String(error)));
      return error instanceof ProfileStorageError ? { kept: false, trouble: error.message } : { kept: false };
    }
  }
}

/** @throws MeasuringCancelledError as soon as nobody waits for it any more */
async function unlessAborted<T>(promise: Promise<T>, signal?: AbortSignal): Promise<T> {
  if (signal === undefined) return promise;
  let abort = (): void => undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    abort = () => reject(new MeasuringCancelledError('The measurement was cancelled before it began.'));
  });
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort);
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
