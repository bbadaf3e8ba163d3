import { Injectable } from '@nestjs/common';
import { Accepted } from './accepted.js';
import { computedInferenceTimeAnswer, inferenceTimeAnswer } from './answers/inference-time.answer.js';
import { resourceAnswer } from './answers/resource.answer.js';
import { EstimateInferenceTimeDto, NestedInferenceTimeDto } from './dto/estimate-inference-time.dto.js';
import { EstimateResourceDto } from './dto/estimate-resource.dto.js';
import { EstimateTrainingTimeDto, NestedTrainingTimeDto } from './dto/estimate-training-time.dto.js';
import { type Answer, EstimateRequests, heeded } from './estimate-requests.service.js';
import { executedAsAsked } from './executed-by.js';
import { about, obtainedWarnings } from './obtained-warnings.js';
import type { Preference } from './preference.js';
import { refuseOtherResults } from './request/given-results.js';
import { toNetwork } from './request/requested-network.js';
import { TrainingTimeService } from './training-time.service.js';
import type { WaitedFor } from './waited-for.js';
import { givenWarnings } from './warning.js';

/** Answers the three estimates. */
@Injectable()
export class EstimatesService {
  constructor(
    private readonly requests: EstimateRequests,
    private readonly trainings: TrainingTimeService,
  ) {}

  /** @throws Problem */
  async resource(request: EstimateResourceDto, preference: Preference): Promise<Answer | WaitedFor | Accepted> {
    const network = toNetwork(request);
    const step = this.requests.workloadOf(request, network);
    const obtained = await this.requests.obtain({ step }, request, preference, ['stepSeconds', 'peakRssBytes']);
    if (obtained instanceof Accepted) return obtained;
    const answer = resourceAnswer(obtained.step, {
      datasetSize: request.dataset_size ?? null,
      computedImageSize: network.computedImageSize,
      warnings: [
        ...this.requests.warningsOf(request, network),
        ...obtainedWarnings(obtained.step, ['stepSeconds', 'peakRssBytes']),
      ],
    });
    return heeded(preference, obtained, answer);
  }

  /** @throws Problem */
  async trainingTime(
    request: EstimateTrainingTimeDto | NestedTrainingTimeDto,
    preference: Preference,
  ): Promise<Answer | WaitedFor | Accepted> {
    return request instanceof NestedTrainingTimeDto
      ? this.trainings.compute(request)
      : this.trainings.estimate(request, preference);
  }

  /** @throws Problem */
  async inferenceTime(
    request: EstimateInferenceTimeDto | NestedInferenceTimeDto,
    preference: Preference,
  ): Promise<Answer | WaitedFor | Accepted> {
    if (request instanceof NestedInferenceTimeDto) return this.computedInferenceTime(request);
    const network = toNetwork(request);
    const workload = this.requests.workloadOf(request, network);
    const workloads = { batch: workload, oneImage: { ...workload, batchSize: 1 } };
    const obtained = await this.requests.obtain(workloads, request, preference, ['stepSeconds']);
    if (obtained instanceof Accepted) return obtained;
    const { batch, oneImage } = obtained;
    const { batchSize } = workload;
    const warnings = [
      ...this.requests.warningsOf(request, network),
      ...obtainedWarnings(batch, ['stepSeconds']).map((warning) => about(`batch of ${String(batchSize)}`, warning)),
      ...(batchSize === 1
        ? []
        : obtainedWarnings(oneImage, ['stepSeconds']).map((warning) => about('one image', warning))),
    ];
    const { computedImageSize } = network;
    return heeded(
      preference,
      obtained,
      inferenceTimeAnswer(oneImage, batch, { batchSize, computedImageSize, warnings }),
    );
  }

  private computedInferenceTime(request: NestedInferenceTimeDto): Answer {
    const { resource_estimation: workload, resource_estimation_results: results } = request;
    const network = toNetwork(workload, ['resource_estimation']);
    const warnings = [...this.requests.warningsOf(workload, network), ...givenWarnings(results)];
    refuseOtherResults(workload, results);
    const { computedImageSize } = network;
    return computedInferenceTimeAnswer(
      results['Batch Time'].forward_pass,
      {
        batchSize: workload.batch_size,
        computedImageSize,
        warnings,
      },
      executedAsAsked(workload),
    );
  }
}
