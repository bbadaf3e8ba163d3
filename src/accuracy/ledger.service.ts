import { Injectable, Logger } from '@nestjs/common';
import { conditionsOf } from '../hardware/conditions.js';
import type { Machine } from '../hardware/machine.js';
import type { FoundedPrediction } from '../predicting/predictions.js';
import type { Measurement } from '../profiles/measurement.js';
import { messageOf } from '../profiles/storage.error.js';
import type { Comparison } from './ledger-entry.js';
import { LedgerRepository } from './ledger.repository.js';

/** Compares what is measured with what had been predicted, and keeps that. */
@Injectable()
export class LedgerService {
  private readonly logger = new Logger(LedgerService.name);

  constructor(private readonly ledger: LedgerRepository) {}

  /**
   * A measurement is worth having without: what goes wrong is logged and no more.
   *
   * @param predicted just before it was made; null where nothing could be predicted
   */
  async compare(machine: Machine, measurement: Measurement, predicted: FoundedPrediction | null): Promise<void> {
    // Who knows the answer proves nothing by predicting it.
    if (predicted === null || predicted.basis.hasWorkload) return;
    const { prediction, basis } = predicted;
    try {
      await this.ledger.append(machine.id, {
        schemaVersion: 1,
        measurementId: measurement.id,
        measuredAt: measurement.measuredAt,
        workload: measurement.workload,
        conditions: conditionsOf(machine),
        support: prediction.support,
        measurementCount: basis.measurementCount,
        comparisons: comparisonsOf(measurement, predicted),
      });
    } catch (error) {
      this.logger.warn(`A prediction was compared with its measurement, but not kept: ${messageOf(error)}`);
    }
  }
}

function comparisonsOf({ workload, times, memory }: Measurement, { prediction }: FoundedPrediction): Comparison[] {
  return [
    {
      quantity: workload.applicationType === 'training' ? 'training_step_seconds' : 'inference_seconds',
      predicted: prediction.stepSeconds,
      measured: times.stepSeconds.median,
    },
    { quantity: 'peak_rss_bytes', predicted: prediction.peakRssBytes, measured: memory.peakRssBytes },
  ];
}
