import { Injectable } from '@nestjs/common';
import { Problem } from '../common/problem.js';
import { HardwareService } from '../hardware/hardware.service.js';
import type { Prediction } from '../prediction/prediction.js';
import { PredictingError } from '../predicting/predicting.errors.js';
import { canBePredicted } from '../predicting/predicted-key.js';
import { Predictions } from '../predicting/predictions.js';
import type { TimingLimits } from '../profiles/measurement.js';
import type { Workload } from '../profiles/workload.js';
import { Accepted } from './accepted.js';
import { calibrating } from './calibrating.js';
import { isWithin } from './interval.js';
import { MeasuredWorkloadsService } from './measured-workloads.service.js';
import { type Obtained, type ObtainedPrediction, type Quantity, workloadOf } from './obtained.js';
import { notPredicted } from './not-predicted.js';
import type { Preference } from './preference.js';
import { measuringRequest } from './request/measuring-request.js';
import type { Source } from './source.js';
import { TrainabilityService } from './trainability.service.js';

/** How far the ends of an interpolation's interval may be from its central value for it to stand for a measurement. */
const NARROW = 0.1;

/** How the figures of workloads are wanted. */
export interface Wish {
  readonly source: Source;
  /** Measures whatever is known; see {@link MeasuredWorkloadsService.obtain}. */
  readonly refresh: boolean;
  readonly limits: TimingLimits;
  readonly preference: Preference;
  /** Those that have to be known well for `auto` to do without a measurement. */
  readonly quantities: readonly Quantity[];
}

/** Finds what workloads cost: stored, predicted or measured, as the request wants it. */
@Injectable()
export class WorkloadFiguresService {
  constructor(
    private readonly hardware: HardwareService,
    private readonly measurements: MeasuredWorkloadsService,
    private readonly predictions: Predictions,
    private readonly trainability: TrainabilityService,
  ) {}

  /**
   * @param workloads by the names under which they are given back
   * @returns what was obtained; or the jobs that measure, when the client does not want to wait longer
   * @throws Problem; PredictingError where only a prediction is wanted, and fails
   */
  async obtain<Name extends string>(
    workloads: Readonly<Record<Name, Workload>>,
    wish: Wish,
  ): Promise<Readonly<Record<Name, Obtained>> | Accepted> {
    const { source, refresh, limits, preference } = wish;
    if (refresh || source === 'measured') return this.measurements.obtain(workloads, limits, preference, refresh);
    const wanted = Object.entries<Workload>(workloads);
    const known = new Map<string, Obtained>(await this.measurements.find(wanted, limits));
    for (const [name, workload] of wanted.filter(([each]) => !known.has(each))) {
      this.trainability.assertTrainable(workload);
      const predicted = await this.predict(workload, source);
      if (source === 'predicted' && predicted === null) throw nothingToPredictFrom(name, workload, [...known.values()]);
      if (predicted !== null && (source === 'predicted' || isNarrow(predicted.prediction, wish.quantities))) {
        known.set(name, predicted);
      }
    }
    const missing = wanted.filter(([name]) => !known.has(name));
    const made =
      missing.length === 0 ? {} : await this.measurements.obtain(Object.fromEntries(missing), limits, preference);
    if (made instanceof Accepted) return made;
    // The compiler cannot see that there is one for each name.
    return { ...Object.fromEntries(known), ...made } as Record<Name, Obtained>;
  }

  private async predict(workload: Workload, source: Source): Promise<ObtainedPrediction | null> {
    try {
      const founded = await this.predictions.predict(workload);
      return founded && { ...founded, workload, machine: await this.hardware.machine() };
    } catch (error) {
      // Where a prediction fails it is measured, unless nothing else is wanted.
      if (source === 'predicted' || !(error instanceof PredictingError)) throw error;
      return null;
    }
  }
}

function isNarrow(prediction: Prediction, quantities: readonly Quantity[]): boolean {
  return prediction.kind === 'interpolated' && quantities.every((quantity) => isWithin(prediction[quantity], NARROW));
}

/**
 * A conflict with what the service knows, and not with what a request may say: after a measurement it is answered.
 *
 * @param name of the workload among those of the request, of which others are known
 */
function nothingToPredictFrom(name: string, workload: Workload, others: readonly Obtained[]): Problem {
  const isAmongTrainings = others.some((other) => workloadOf(other).applicationType === 'training');
  const which =
    isAmongTrainings && workload.applicationType === 'inference'
      ? `Of the ${name}: trainings are known here, but no inference is that it could be predicted from. `
      : '';
  if (!canBePredicted(workload)) return notPredicted(workload);
  return new Problem(
    'nothing-to-predict-from',
    409,
    `${which}Nothing that was measured on this machine with ${workload.runtime}, and with what it has now, says what ${workload.architecture} would cost. ` +
      `Run \`${calibrating(workload)}\` once, which measures what predictions need; or send the request under \`proposal\` to ` +
      '/api/v1/estimate-resource, which measures this workload.',
    { extensions: { proposal: measuringRequest(workload) } },
  );
}
