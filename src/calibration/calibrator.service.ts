import { Inject, Injectable } from '@nestjs/common';
import { HardwareService } from '../hardware/hardware.service.js';
import type { Measurement, TimingLimits } from '../profiles/measurement.js';
import { ProfilesRepository } from '../profiles/profiles.repository.js';
import type { RuntimeName, Workload } from '../profiles/workload.js';
import { MEASURING_OPTIONS, type MeasuringOptions } from '../profiling/measuring-options.js';
import { MeasuringCancelledError, MeasuringError } from '../profiling/measuring.errors.js';
import { MeasuringService } from '../profiling/measuring.service.js';
import { calibrationWorkloads } from './calibration-workloads.js';

/**
 * Less than a request is measured with by default: what a step of half a second comes to is known after ten, and a
 * calibration has some fifty to time.
 */
const LIMITS: TimingLimits = { maxSteps: 60, maxSeconds: 8 };

/** What became of one workload of a calibration. */
export type Calibrated =
  | { readonly kind: 'known'; readonly workload: Workload }
  | { readonly kind: 'measured'; readonly workload: Workload; readonly measurement: Measurement }
  | { readonly kind: 'failed'; readonly workload: Workload; readonly reason: string };

/** Measures what predictions need to work on a machine, and keeps it in the profiles, as if each had been asked for. */
@Injectable()
export class Calibrator {
  private readonly limits: TimingLimits;

  constructor(
    private readonly hardware: HardwareService,
    private readonly profiles: ProfilesRepository,
    private readonly measuring: MeasuringService,
    @Inject(MEASURING_OPTIONS) { maxSteps, maxSeconds }: MeasuringOptions,
  ) {
    // The service's own hold for all: what was measured within them would never be found by wider ones.
    this.limits = {
      maxSteps: Math.min(LIMITS.maxSteps, maxSteps),
      maxSeconds: Math.min(LIMITS.maxSeconds, maxSeconds),
    };
  }

  /** @param runtime whose predictions are to be helped: what one takes says nothing of another */
  workloads(runtime: RuntimeName = 'onnxruntime'): readonly Workload[] {
    return calibrationWorkloads(this.hardware.allowedCores(), runtime);
  }

  /**
   * Measures a workload, unless the machine as it is has measured it already: so a calibration that was interrupted goes on.
   *
   * @throws ProfileStorageError where it cannot be kept; MeasuringCancelledError when the application closes
   */
  async calibrate(workload: Workload): Promise<Calibrated> {
    const machine = await this.hardware.machine();
    if ((await this.profiles.findMeasurement(machine, workload, this.limits)) !== null) {
      return { kind: 'known', workload };
    }
    try {
      const measurement = await this.measuring.measure(workload, { limits: this.limits });
      await this.profiles.add(machine, measurement);
      return { kind: 'measured', workload, measurement };
    } catch (error) {
      // One that does not fit on a small machine is no reason to do without the others.
      if (!(error instanceof MeasuringError) || error instanceof MeasuringCancelledError) throw error;
      return { kind: 'failed', workload, reason: error.message };
    }
  }
}
