import { Inject, Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { HardwareService } from '../hardware/hardware.service.js';
import { openMachineReader } from '../monitoring/machine-reader.js';
import { fits } from '../prediction/fit.js';
import type { Interval } from '../prediction/prediction.js';
import type { TimingLimits } from '../profiles/measurement.js';
import type { FreshMeasurement } from '../profiles/step-trace.js';
import { cudaIndexOf, type Workload } from '../profiles/workload.js';
import { assembleMeasurement } from './assemble-measurement.js';
import { converse } from './child-conversation.js';
import { CHILD_PROGRAM, type ChildProgram } from './child-program.js';
import { type DisturbanceCounters, readDisturbances } from './disturbances.js';
import { MEASURING_OPTIONS, type MeasuringOptions } from './measuring-options.js';
import { DoesNotFitError, MeasuringFailedError } from './measuring.errors.js';
import { type MeasuringProgress, ProgressFollower } from './measuring-progress.js';
import { OutsideView } from './outside-view.js';
import type { ChildMessage, MeasuringLimits } from './protocol.js';

export interface MeasureOptions {
  /** Cancels the measurement. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: MeasuringProgress) => void;
  /** Tighter ones than the service's own, which no others exceed. */
  readonly limits?: TimingLimits | null;
  /** What the workload needs of memory, where it is known better than from its graph alone: then it decides what fits. */
  readonly neededBytes?: Interval | null;
}

/**
 * Measures workloads, at once: whoever asks sees to it that two do not measure each other. Each measurement is made by
 * a child process of its own; whatever becomes of that process, the service and the next measurement are not touched
 * by it.
 */
@Injectable()
export class MeasuringService implements OnModuleDestroy {
  private readonly logger = new Logger(MeasuringService.name);
  private readonly machineReader = openMachineReader();
  private readonly closing = new AbortController();
  /** Each settles, never rejecting, when a measurement is over and its process is gone. */
  private readonly running = new Set<Promise<unknown>>();

  constructor(
    @Inject(MEASURING_OPTIONS) private readonly options: MeasuringOptions,
    @Inject(CHILD_PROGRAM) private readonly program: ChildProgram,
    private readonly hardware: HardwareService,
  ) {}

  /**
   * Settles when the measuring process is gone, also after it was cancelled: the machine is free then.
   *
   * @throws MeasuringError of the kind that says why there is no result
   */
  async measure(workload: Workload, options: MeasureOptions = {}): Promise<FreshMeasurement> {
    const signal = AbortSignal.any([this.closing.signal, ...(options.signal === undefined ? [] : [options.signal])]);
    const measured = this.measureNow(workload, signal, options);
    const over = measured.catch(() => undefined);
    this.running.add(over);
    try {
      return await measured;
    } finally {
      this.running.delete(over);
    }
  }

  /** Ends the measuring process before the service ends, so that none is left behind. */
  async onModuleDestroy(): Promise<void> {
    this.closing.abort();
    await Promise.all(this.running);
    this.machineReader.close();
  }

  private async measureNow(
    workload: Workload,
    signal: AbortSignal,
    { onProgress, limits: wanted, neededBytes = null }: MeasureOptions,
  ): Promise<FreshMeasurement> {
    const limits = fitting(this.limits(wanted ?? this.options), neededBytes);
    const measuredAt = new Date();
    const begun = performance.now();
    const machineUsedBeforeBytes = this.machineReader.usedMemoryBytes();
    const allowedCores = this.hardware.allowedCores();
    const cudaIndex = cudaIndexOf(workload.device);
    const gpuWatch = cudaIndex === null ? null : await this.hardware.watchGpu(cudaIndex);
    const view = new OutsideView(() => this.disturbances(), workload.samplingIntervalSeconds, allowedCores, gpuWatch);
    const progress = new ProgressFollower(limits, () => performance.now() / 1000);
    let hide = (): void => undefined;
    const onMessage = (message: ChildMessage, pid: number): void => {
      if (message.type === 'ready') hide = this.hardware.showMeasuring(pid);
      if (message.type === 'computing') {
        hide();
        hide = this.hardware.showMeasuring(message.pid);
      }
      view.follow(message, pid);
      if (message.type === 'progress') onProgress?.(progress.follow(message));
    };
    try {
      const result = await converse({
        program: this.program,
        workload,
        limits,
        environment: { PYTHON: this.options.python },
        timeoutSeconds: this.options.timeoutSeconds,
        signal,
        countOutOfMemoryKills: () => this.hardware.outOfMemoryKills(),
        onMessage,
        onErrorOutput: (text) => this.logger.warn(`the measuring process wrote:\n${text}`),
      });
      if (view.figures === null) {
        throw new MeasuringFailedError("The measuring process sent a result without a phase 'timing' before it.");
      }
      const durationSeconds = (performance.now() - begun) / 1000;
      this.logger.log(`measured ${describe(workload)} in ${durationSeconds.toFixed(1)} s`);
      return assembleMeasurement({
        workload,
        measuredAt,
        durationSeconds,
        limits,
        machineUsedBeforeBytes,
        allowedCores,
        result,
        outside: view.figures,
        tracedCpu: view.endWatching(),
      });
    } catch (error) {
      this.logger.warn(
        `measuring ${describe(workload)} failed: ${error instanceof Error ? error.message : String(error)}`,
      );
      throw error;
    } finally {
      view.close();
      gpuWatch?.close();
      hide();
    }
  }

  private disturbances(): DisturbanceCounters {
    return readDisturbances(this.machineReader, this.hardware.quotaPeriods());
  }

  private limits({ maxSteps, maxSeconds }: TimingLimits): MeasuringLimits {
    return {
      maxSteps: Math.min(maxSteps, this.options.maxSteps),
      maxSeconds: Math.min(maxSeconds, this.options.maxSeconds),
      memoryBudgetBytes: this.options.memoryBudgetBytes ?? this.hardware.availableMemoryBytes(),
    };
  }
}

/**
 * Limits for a workload whose need is predicted: the measuring process, which knows the graph alone, does not refuse it.
 * @throws DoesNotFitError
 */
function fitting(limits: MeasuringLimits, needed: Interval | null): MeasuringLimits {
  if (needed === null) return limits;
  const { memoryBudgetBytes } = limits;
  if (fits(needed, memoryBudgetBytes)) return { ...limits, memoryBudgetBytes: Number.MAX_SAFE_INTEGER };
  const mebibytes = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MiB`;
  throw new DoesNotFitError(
    `The workload would need about ${mebibytes(needed.central)} at its peak, and up to ${mebibytes(needed.high)}, ` +
      `by what was measured, and ${mebibytes(memoryBudgetBytes)} are available. A smaller batch or image needs less; /api/v1/estimate-fit tells how much.`,
    Math.ceil(needed.high),
    memoryBudgetBytes,
  );
}

function describe({ architecture, applicationType, batchSize, imageSize, runtime, device }: Workload): string {
  return `${applicationType} of ${architecture}, batch ${batchSize}, ${imageSize.join('x')}, by ${runtime} on ${device}`;
}
