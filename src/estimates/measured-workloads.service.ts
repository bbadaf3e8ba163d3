import { Injectable, Logger } from '@nestjs/common';
import { untrainableReason } from '../engine/zoo/facts.js';
import { HardwareService } from '../hardware/hardware.service.js';
import type { Machine } from '../hardware/machine.js';
import type { Measurement } from '../profiles/measurement.js';
import { ProfilesRepository } from '../profiles/profiles.repository.js';
import type { FreshMeasurement } from '../profiles/step-trace.js';
import { workloadKey } from '../profiles/workload-key.js';
import type { Workload } from '../profiles/workload.js';
import { UntrainableError } from '../profiling/measuring.errors.js';
import { MeasuringService } from '../profiling/measuring.service.js';

/** A measurement, and how the service came by it. */
export interface ObtainedMeasurement {
  readonly measurement: Measurement;
  readonly machine: Machine;
  readonly fromProfile: boolean;
  /** False when it could not be written: the same request will measure again. */
  readonly kept: boolean;
}

/** Finds the measurement of a workload in the profiles, or makes it. */
@Injectable()
export class MeasuredWorkloadsService {
  private readonly logger = new Logger(MeasuredWorkloadsService.name);
  private readonly underWay = new Map<string, Promise<ObtainedMeasurement>>();

  constructor(
    private readonly hardware: HardwareService,
    private readonly profiles: ProfilesRepository,
    private readonly measuring: MeasuringService,
  ) {}

  /**
   * Equal workloads asked for at the same time share one measurement, looking it up included: otherwise one that is
   * written between a look-up and the next step would be made twice. Who asked may leave: it is finished and kept.
   *
   * @throws MeasuringError
   */
  obtain(workload: Workload): Promise<ObtainedMeasurement> {
    const key = workloadKey(workload);
    const underWay = this.underWay.get(key);
    if (underWay !== undefined) {
      return underWay;
    }
    const obtained = this.findOrMeasure(workload).finally(() => this.underWay.delete(key));
    this.underWay.set(key, obtained);
    return obtained;
  }

  private async findOrMeasure(workload: Workload): Promise<ObtainedMeasurement> {
    const machine = await this.hardware.machine();
    const found = await this.profiles.findMeasurement(machine.id, workload);
    if (found !== null) {
      return { measurement: found, machine, fromProfile: true, kept: true };
    }
    refuseUntrainable(workload);
    const measurement = await this.measuring.measure(workload);
    return { measurement, machine, fromProfile: false, kept: await this.keep(machine, measurement) };
  }

  /** A full disk is no reason to withhold what was measured. */
  private async keep(machine: Machine, measurement: FreshMeasurement): Promise<boolean> {
    try {
      await this.profiles.add(machine, measurement);
      return true;
    } catch (error) {
      this.logger.error(error instanceof Error ? error : new Error(String(error)));
      return false;
    }
  }
}

/** Before it would wait for its turn to be measured. @throws UntrainableError */
function refuseUntrainable({ applicationType, architecture, options, batchSize, imageSize }: Workload): void {
  if (applicationType !== 'training') {
    return;
  }
  const reason = untrainableReason(architecture, options, batchSize, imageSize);
  if (reason !== null) {
    throw new UntrainableError(reason);
  }
}
