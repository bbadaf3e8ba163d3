import { Injectable } from '@nestjs/common';
import type { Workload } from '../profiles/workload.js';
import { Accepted } from './accepted.js';
import { computedTrainingTimeAnswer, trainingTimeAnswer } from './answers/training-time.answer.js';
import { EstimateTrainingTimeDto, NestedTrainingTimeDto } from './dto/estimate-training-time.dto.js';
import { WorkloadDto } from './dto/workload.dto.js';
import { type Answer, EstimateRequests, heeded } from './estimate-requests.service.js';
import type { Obtained } from './obtained.js';
import { executedAsAsked } from './executed-by.js';
import { about, obtainedWarnings } from './obtained-warnings.js';
import type { Preference } from './preference.js';
import { refuseOtherResults } from './request/given-results.js';
import { toNetwork } from './request/requested-network.js';
import { toTrainingPlan } from './request/requested-training.js';
import { isValidated } from './training-plan.js';
import type { WaitedFor } from './waited-for.js';
import { givenWarnings } from './warning.js';

/** How long whole trainings take. */
@Injectable()
export class TrainingTimeService {
  constructor(private readonly requests: EstimateRequests) {}

  /** @throws Problem */
  async estimate(request: EstimateTrainingTimeDto, preference: Preference): Promise<Answer | WaitedFor | Accepted> {
    const network = toNetwork(request);
    const plan = toTrainingPlan(request);
    const step = this.requests.workloadOf(request, network);
    const obtained: { readonly step: Obtained; readonly validation?: Obtained } | Accepted = !isValidated(plan)
      ? await this.requests.obtain({ step }, request, preference, ['stepSeconds'])
      : await this.requests.obtain({ step, validation: this.validationOf(request) }, request, preference, [
          'stepSeconds',
        ]);
    if (obtained instanceof Accepted) return obtained;
    const { validation = null } = obtained;
    const warnings = [
      ...this.requests.warningsOf(request, network),
      ...obtainedWarnings(obtained.step, ['stepSeconds']),
      ...(validation === null
        ? []
        : obtainedWarnings(validation, ['stepSeconds']).map((warning) => about('validation', warning))),
    ];
    const { computedImageSize } = network;
    return heeded(
      preference,
      obtained,
      trainingTimeAnswer(plan, obtained.step, validation, { computedImageSize, warnings }),
    );
  }

  /** Out of a batch time that the client brings. @throws Problem */
  compute(request: NestedTrainingTimeDto): Answer {
    const { resource_estimation: workload, resource_estimation_results: results, epochs } = request;
    const network = toNetwork(workload, ['resource_estimation']);
    const warnings = [...this.requests.warningsOf(workload, network), ...givenWarnings(results)];
    refuseOtherResults(workload, results);
    const { forward_pass, backward_pass } = results['Batch Time'];
    const { batch_size: batchSize, dataset_size: datasetSize } = workload;
    const nothingElse = { loading: null, validation: null, checkpoints: null, warmupSeconds: null };
    const { computedImageSize } = network;
    return computedTrainingTimeAnswer(
      { batchSize, datasetSize, epochs, ...nothingElse },
      { forward_pass, backward_pass },
      { computedImageSize, warnings },
      executedAsAsked(workload),
    );
  }

  /** An inference of the same batch, with the counts that are usual there. */
  private validationOf(request: EstimateTrainingTimeDto): Workload {
    const inference = Object.assign(new WorkloadDto(), request, {
      application_type: 'inference',
      objects_per_image: undefined,
      positives_per_image: undefined,
      optimizer: undefined,
    });
    return this.requests.workloadOf(inference, toNetwork(inference));
  }
}
