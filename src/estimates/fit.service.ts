import { Inject, Injectable } from '@nestjs/common';
import { HardwareService } from '../hardware/hardware.service.js';
import { decisiveNeed, fits, noMoreThan } from '../prediction/fit.js';
import { breakdownOf } from '../predicting/memory-breakdown.js';
import { canBePredicted } from '../predicting/predicted-key.js';
import { type BatchRange, Predictions } from '../predicting/predictions.js';
import type { Workload } from '../profiles/workload.js';
import { MEASURING_OPTIONS, type MeasuringOptions } from '../profiling/measuring-options.js';
import { fitAnswer, type FitAnswer } from './answers/fit.answer.js';
import type { EstimateFitDto } from './dto/estimate-fit.dto.js';
import { BATCH_SIZES } from './dto/limits.js';
import { type Answer, EstimateRequests } from './estimate-requests.service.js';
import { MeasuredWorkloadsService } from './measured-workloads.service.js';
import { calibrating } from './calibrating.js';
import { figuresOf, isPrediction, type Obtained } from './obtained.js';
import { fitsByTrying, notPredicted } from './not-predicted.js';
import { obtainedWarnings } from './obtained-warnings.js';
import { toNetwork } from './request/requested-network.js';
import { TrainabilityService } from './trainability.service.js';
import type { Warning } from './warning.js';

function planned(workload: Workload): Warning {
  return {
    code: 'planned-only',
    detail: `Nothing was measured on this machine that the peak could be predicted from, or too little to try out how far predictions are off. It is planned from the graph alone, without a margin, and may be too high or too low. A measurement of the workload, or \`${calibrating(workload)}\`, would tell.`,
  };
}

type Planned = Pick<FitAnswer, 'kind' | 'peakRssBytes' | 'neededBytes'>;

/** Says whether workloads fit in memory, without running them. */
@Injectable()
export class FitService {
  constructor(
    private readonly hardware: HardwareService,
    private readonly requests: EstimateRequests,
    private readonly measurements: MeasuredWorkloadsService,
    private readonly predictions: Predictions,
    private readonly trainability: TrainabilityService,
    @Inject(MEASURING_OPTIONS) private readonly measuring: MeasuringOptions,
  ) {}

  /** @throws Problem */
  async estimate(request: EstimateFitDto): Promise<Answer> {
    const network = toNetwork(request);
    const workload = this.requests.workloadOf(request, network);
    this.trainability.assertTrainable(workload);
    // What a measurement there says of the machine's own memory is no answer.
    if (workload.device !== 'cpu') throw fitsByTrying(workload);
    const memoryBudgetBytes =
      request.memory_budget_bytes ?? this.measuring.memoryBudgetBytes ?? this.hardware.availableMemoryBytes();
    const obtained = await this.known(workload);
    const isPredictable = canBePredicted(workload);
    if (obtained === null && !isPredictable) throw notPredicted(workload);
    const known = obtained === null ? await this.planned(workload) : figuresOf(obtained);
    const { kind, peakRssBytes } = known;
    const batches = this.trainableBatches(workload);
    const found = isPredictable ? await this.predictions.largestBatch(workload, memoryBudgetBytes, batches) : 0;
    // Intervals are wide far from what was measured: where a larger batch fits, this one needs no more than that.
    const isBoundedByLarger = kind !== 'measured' && found >= workload.batchSize;
    const neededBytes = isBoundedByLarger ? noMoreThan(memoryBudgetBytes, known.neededBytes) : known.neededBytes;
    const isFitting = fits(neededBytes, memoryBudgetBytes);
    // Of a GPU nothing is known but what was measured.
    const largest = !isPredictable
      ? 0
      : isFitting
        ? Math.max(found, workload.batchSize)
        : Math.min(found, workload.batchSize - 1);
    const figures: FitAnswer = {
      fits: isFitting,
      kind,
      neededBytes,
      memoryBudgetBytes,
      peakRssBytes,
      breakdown: isPredictable ? breakdownOf(await this.predictions.liveParts(workload), peakRssBytes.central) : null,
      largestBatchSize: largest < batches.fewest ? null : largest,
      computedImageSize: network.computedImageSize,
      // What a measurement warns of are its times, which have no part in this.
      warnings: [
        ...this.requests.warningsOf(request, network),
        ...(obtained === null
          ? [planned(workload)]
          : isPrediction(obtained)
            ? obtainedWarnings(obtained, ['peakRssBytes'])
            : []),
      ],
    };
    return fitAnswer(figures, obtained, { workload, machine: await this.hardware.machine() });
  }

  /** From the graph alone; of files in memory it knows nothing. */
  private async planned(workload: Workload): Promise<Planned> {
    const bytes = await this.predictions.plannedPeakBytes(workload);
    const peak = { low: bytes, central: bytes, high: bytes };
    return { kind: 'planned', peakRssBytes: peak, neededBytes: peak };
  }

  /** A stored measurement, else a prediction that a verdict can rest on; null where there is neither. */
  private async known(workload: Workload): Promise<Obtained | null> {
    // Its peak is the same however long it was timed.
    const limits = { maxSteps: 0, maxSeconds: 0 };
    const found = (await this.measurements.find([['step', workload]], limits)).get('step');
    if (found !== undefined) return found;
    const founded = await this.predictions.predict(workload);
    if (founded === null || decisiveNeed(founded.prediction) === null) return null;
    return { ...founded, workload, machine: await this.hardware.machine() };
  }

  /** Other batches than this one are predicted, also where this one was measured. */
  private trainableBatches(workload: Workload): BatchRange {
    const isSingleTrainable = this.trainability.untrainableReason({ ...workload, batchSize: 1 }) === null;
    return { fewest: isSingleTrainable ? 1 : 2, most: BATCH_SIZES.maximum };
  }
}
