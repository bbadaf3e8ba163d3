import { Injectable } from '@nestjs/common';
import { staleReasons } from '../hardware/conditions.js';
import { HardwareService } from '../hardware/hardware.service.js';
import { withProfileProblems } from '../profiles/profile-problems.js';
import { accuracyCodec } from './accuracy.codec.js';
import { errorsByArchitecture, pooledErrors } from './accuracy-summary.js';
import { LedgerRepository } from './ledger.repository.js';

/** How well what was predicted on this machine has held. */
@Injectable()
export class AccuracyService {
  constructor(
    private readonly hardware: HardwareService,
    private readonly ledger: LedgerRepository,
  ) {}

  /** @throws Problem where the ledger cannot be read */
  async get(): Promise<unknown> {
    const machine = await this.hardware.machine();
    const all = await withProfileProblems(this.ledger.read(machine.id));
    // Another version of the service predicts in another way.
    const entries = all.filter(
      ({ conditions, workload }) => staleReasons(conditions, machine, workload.runtime, workload.device).length === 0,
    );
    return accuracyCodec.encode({
      machineId: machine.id,
      comparedMeasurements: entries.length,
      staleMeasurements: all.length - entries.length,
      pooled: pooledErrors(entries),
      architectures: errorsByArchitecture(entries),
    });
  }
}
