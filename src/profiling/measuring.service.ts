import { Inject, Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { HardwareService } from '../hardware/hardware.service.js';
import { openMachineReader } from '../monitoring/machine-reader.js';
import type { FreshMeasurement } from '../profiles/step-trace.js';
import type { Workload } from '../profiles/workload.js';
import { assembleMeasurement } from './assemble-measurement.js';
import { converse } from './child-conversation.js';
import { CHILD_PROGRAM, type ChildProgram } from './child-program.js';
import { MEASURING_OPTIONS, type MeasuringOptions } from './measuring-options.js';
import { MeasuringCancelledError, MeasuringFailedError } from './measuring.errors.js';
import { OutsideView } from './outside-view.js';
import type { ChildMessage, MeasuringLimits, MeasuringPhase } from './protocol.js';

export interface MeasuringProgress {
  readonly phase: MeasuringPhase;
  /** Steps done in this phase. */
  readonly step: number;
  /** Median step of the last window, when the phase has windows. */
  readonly windowSeconds: number | null;
}

export interface MeasureOptions {
  /** Cancels the measurement, also while it waits for its turn. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: MeasuringProgress) => void;
}

/**
 * Measures workloads, one at a time: two at once would measure each other. Each measurement is made by a child process
 * of its own; whatever becomes of that process, the service and the next measurement are not touched by it.
 */
@Injectable()
export class MeasuringService implements OnModuleDestroy {
  private readonly logger = new Logger(MeasuringService.name);
  private readonly machineReader = openMachineReader();
  private readonly closing = new AbortController();
  /** Settles, never rejecting, when the measurement begun last is over and its process is gone. */
  private lastTurn: Promise<unknown> = Promise.resolve();

  constructor(
    @Inject(MEASURING_OPTIONS) private readonly options: MeasuringOptions,
    @Inject(CHILD_PROGRAM) private readonly program: ChildProgram,
    private readonly hardware: HardwareService,
  ) {}

  /**
   * @throws MeasuringError of the kind that says why there is no result
   */
  measure(workload: Workload, options: MeasureOptions = {}): Promise<FreshMeasurement> {
    const signal = AbortSignal.any([this.closing.signal, ...(options.signal === undefined ? [] : [options.signal])]);
    const turn = this.lastTurn.then(() => this.measureNow(workload, signal, options.onProgress));
    this.lastTurn = turn.catch(() => undefined);
    return untilAborted(turn, signal);
  }

  /** Ends the measuring process before the service ends, so that none is left behind. */
  async onModuleDestroy(): Promise<void> {
    this.closing.abort();
    await this.lastTurn;
    this.machineReader.close();
  }

  private async measureNow(
    workload: Workload,
    signal: AbortSignal,
    onProgress?: (progress: MeasuringProgress) => void,
  ): Promise<FreshMeasurement> {
    const measuredAt = new Date();
    const begun = performance.now();
    const machineUsedBeforeBytes = this.machineReader.usedMemoryBytes();
    const allowedCores = this.hardware.allowedCores();
    const view = new OutsideView(this.machineReader, workload.monitoring, allowedCores);
    const onMessage = (message: ChildMessage, pid: number): void => {
      view.follow(message, pid);
      if (message.type === 'progress') {
        onProgress?.({ phase: message.phase, step: message.step, windowSeconds: message.windowSeconds });
      }
    };
    try {
      const result = await converse({
        program: this.program,
        workload,
        limits: this.limits(),
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
        machineUsedBeforeBytes,
        allowedCores,
        result,
        outside: view.figures,
      });
    } catch (error) {
      this.logger.warn(
        `measuring ${describe(workload)} failed: ${error instanceof Error ? error.message : String(error)}`,
      );
      throw error;
    } finally {
      view.close();
    }
  }

  private limits(): MeasuringLimits {
    return {
      maxSteps: this.options.maxSteps,
      maxSeconds: this.options.maxSeconds,
      memoryBudgetBytes: this.options.memoryBudgetBytes ?? this.hardware.availableMemoryBytes(),
    };
  }
}

/** Rejects as soon as nobody wants the result, also while the measurement still waits for its turn. */
function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const cancel = (): void =>
      reject(new MeasuringCancelledError('The measurement was cancelled, as it is when the service ends: ask again.'));
    if (signal.aborted) cancel();
    signal.addEventListener('abort', cancel, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', cancel));
  });
}

function describe({ architecture, applicationType, batchSize, imageSize }: Workload): string {
  return `${applicationType} of ${architecture}, batch ${batchSize}, ${imageSize.join('x')}`;
}
