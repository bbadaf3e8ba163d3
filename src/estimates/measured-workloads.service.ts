import { Injectable, Logger } from '@nestjs/common';
import { untrainableReason } from '../engine/zoo/facts.js';
import { HardwareService } from '../hardware/hardware.service.js';
import type { Machine } from '../hardware/machine.js';
import type { Measurement } from '../profiles/measurement.js';
import { ProfilesRepository } from '../profiles/profiles.repository.js';
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
  private readonly lookedUp = new Map<string, Promise<ObtainedMeasurement>>();
  private readonly measured = new Map<string, Promise<ObtainedMeasurement>>();

  constructor(
    private readonly hardware: HardwareService,
    private readonly profiles: ProfilesRepository,
    private readonly measuring: MeasuringService,
  ) {}

  /**
   * Equal workloads asked for at the same time share one measurement, looking it up included: otherwise one that is
   * written between a look-up and the next step would be made twice. Who asked may leave: it is finished and kept.
   *
   * @param refresh measures although there is a measurement; one that is under way is new enough
   * @throws MeasuringError
   */
  obtain(workload: Workload, refresh = false): Promise<ObtainedMeasurement> {
    const key = workloadKey(workload);
    const measure = (): Promise<ObtainedMeasurement> => shared(this.measured, key, () => this.measure(workload));
    return refresh ? measure() : shared(this.lookedUp, key, async () => (await this.find(workload)) ?? measure());
  }

  private async find(workload: Workload): Promise<ObtainedMeasurement | null> {
    const machine = await this.hardware.machine();
    const measurement = await this.profiles.findMeasurement(machine, workload);
    return measurement && { measurement, machine, fromProfile: true, kept: true };
  }

  private async measure(workload: Workload): Promise<ObtainedMeasurement> {
    const machine = await this.hardware.machine();
    refuseUntrainable(workload);
    const measurement = await this.measuring.measure(workload);
    return { measurement, machine, fromProfile: false, kept: await this.keep(machine, measurement) };
  }

  /** A full disk is no reason to withhold what was measured. */
  private async keep(machine: Machine, measurement: Measurement): Promise<boolean> {
    try {
      await this.profiles.add(machine, measurement);
      return true;
    } catch (error) {
      this.logger.error(error instanceof Error ? error : new Error(String(error)));
      return false;
    }
  }
}

/** What is under way for a key, or else begun. */
function shared<T>(underWay: Map<string, Promise<T>>, key: string, begin: () => Promise<T>): Promise<T> {
  const known = underWay.get(key);
  if (known !== undefined) return known;
  const begun = begin().finally(() => underWay.delete(key));
  underWay.set(key, begun);
  return begun;
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
