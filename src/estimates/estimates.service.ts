import { Inject, Injectable } from '@nestjs/common';
import { ArchitectureFactsService } from '../architectures/architecture-facts.service.js';
import { HardwareService } from '../hardware/hardware.service.js';
import type { Workload } from '../profiles/workload.js';
import { MEASURING_OPTIONS, type MeasuringOptions } from '../profiling/measuring-options.js';
import { Accepted } from './accepted.js';
import { computedInferenceTimeAnswer, measuredInferenceTimeAnswer } from './answers/inference-time.answer.js';
import { resourceAnswer } from './answers/resource.answer.js';
import { trainingTimeAnswer } from './answers/training-time.answer.js';
import { batchTimeOf } from './batch-time.js';
import { EstimateInferenceTimeDto, NestedInferenceTimeDto } from './dto/estimate-inference-time.dto.js';
import { EstimateResourceDto } from './dto/estimate-resource.dto.js';
import { EstimateTrainingTimeDto, NestedTrainingTimeDto } from './dto/estimate-training-time.dto.js';
import type { WorkloadDto } from './dto/workload.dto.js';
import { MeasuredWorkloadsService, type ObtainedMeasurement } from './measured-workloads.service.js';
import type { Preference } from './preference.js';
import { refuseOtherResults } from './request/given-results.js';
import { requestedLimits } from './request/requested-limits.js';
import { toNetwork, type RequestedNetwork } from './request/requested-network.js';
import { toWorkload } from './request/requested-workload.js';
import { WaitedFor } from './waited-for.js';
import { givenWarnings, measurementWarnings, parameterWarnings, type Warning } from './warning.js';

/** An answer's members by their names on the wire. */
type Answer = Readonly<Record<string, unknown>>;

/** Answers the three estimates. */
@Injectable()
export class EstimatesService {
  constructor(
    private readonly hardware: HardwareService,
    private readonly facts: ArchitectureFactsService,
    private readonly measurements: MeasuredWorkloadsService,
    @Inject(MEASURING_OPTIONS) private readonly measuring: MeasuringOptions,
  ) {}

  /** @throws Problem */
  async resource(request: EstimateResourceDto, preference: Preference): Promise<Answer | WaitedFor | Accepted> {
    const network = toNetwork(request);
    const step = this.workloadOf(request, network);
    const obtained = await this.obtain({ step }, request, preference);
    if (obtained instanceof Accepted) {
      return obtained;
    }
    const answer = resourceAnswer(obtained.step, request.dataset_size ?? null, [
      ...this.requestWarnings(request, network),
      ...obtainedWarnings(obtained.step),
    ]);
    return heeded(preference, obtained, answer);
  }

  /** @throws Problem */
  async trainingTime(
    request: EstimateTrainingTimeDto | NestedTrainingTimeDto,
    preference: Preference,
  ): Promise<Answer | WaitedFor | Accepted> {
    if (request instanceof NestedTrainingTimeDto) {
      return this.computedTrainingTime(request);
    }
    const network = toNetwork(request);
    const obtained = await this.obtain({ step: this.workloadOf(request, network) }, request, preference);
    if (obtained instanceof Accepted) {
      return obtained;
    }
    const { step } = obtained;
    const plan = {
      batchTime: batchTimeOf(step.measurement.times),
      batchSize: request.batch_size,
      datasetSize: request.dataset_size,
      epochs: request.epochs,
      computedImageSize: network.computedImageSize,
    };
    const warnings = [...this.requestWarnings(request, network), ...obtainedWarnings(step)];
    return heeded(preference, obtained, trainingTimeAnswer(plan, step, warnings));
  }

  /** @throws Problem */
  async inferenceTime(
    request: EstimateInferenceTimeDto | NestedInferenceTimeDto,
    preference: Preference,
  ): Promise<Answer | WaitedFor | Accepted> {
    if (request instanceof NestedInferenceTimeDto) {
      return this.computedInferenceTime(request);
    }
    const network = toNetwork(request);
    const workload = this.workloadOf(request, network);
    const workloads = { batch: workload, oneImage: { ...workload, batchSize: 1 } };
    const obtained = await this.obtain(workloads, request, preference);
    if (obtained instanceof Accepted) {
      return obtained;
    }
    const { batch, oneImage } = obtained;
    const warnings = [
      ...this.requestWarnings(request, network),
      ...obtainedWarnings(batch).map((warning) => about(`batch of ${String(workload.batchSize)}`, warning)),
      ...(workload.batchSize === 1 ? [] : obtainedWarnings(oneImage).map((warning) => about('one image', warning))),
    ];
    return heeded(preference, obtained, measuredInferenceTimeAnswer(oneImage, batch, warnings));
  }

  private obtain<Name extends string>(
    workloads: Readonly<Record<Name, Workload>>,
    request: WorkloadDto,
    preference: Preference,
  ): Promise<Readonly<Record<Name, ObtainedMeasurement>> | Accepted> {
    const limits = requestedLimits(request, this.measuring);
    return this.measurements.obtain(workloads, limits, preference, request.refresh);
  }

  private computedTrainingTime(request: NestedTrainingTimeDto): Answer {
    const { resource_estimation: workload, resource_estimation_results: results, epochs } = request;
    const network = nestedNetwork(workload);
    const warnings = [...this.requestWarnings(workload, network), ...givenWarnings(results)];
    refuseOtherResults(workload, results);
    const { forward_pass, backward_pass } = results['Batch Time'];
    const plan = {
      batchTime: { forward_pass, backward_pass },
      batchSize: workload.batch_size,
      datasetSize: workload.dataset_size,
      epochs,
      computedImageSize: network.computedImageSize,
    };
    return trainingTimeAnswer(plan, null, warnings);
  }

  private computedInferenceTime(request: NestedInferenceTimeDto): Answer {
    const { resource_estimation: workload, resource_estimation_results: results } = request;
    const network = nestedNetwork(workload);
    const warnings = [...this.requestWarnings(workload, network), ...givenWarnings(results)];
    refuseOtherResults(workload, results);
    const seconds = results['Batch Time'].forward_pass;
    return computedInferenceTimeAnswer(seconds, workload.batch_size, network.computedImageSize, warnings);
  }

  private workloadOf(request: WorkloadDto, network: RequestedNetwork): Workload {
    return toWorkload(request, network, this.hardware.allowedCores());
  }

  private requestWarnings(request: WorkloadDto, { description, options, warnings }: RequestedNetwork): Warning[] {
    const { parameters } = request;
    return parameters === undefined
      ? [...warnings]
      : [...warnings, ...parameterWarnings(parameters, this.facts.of(description, options).parameters)];
  }
}

function nestedNetwork(workload: WorkloadDto): RequestedNetwork {
  return toNetwork(workload, ['resource_estimation']);
}

/** Where it was waited for, and the client had said how long. */
function heeded(
  { appliedByWaiting }: Preference,
  obtained: Readonly<Record<string, ObtainedMeasurement>>,
  answer: Answer,
): Answer | WaitedFor {
  const hasWaited = Object.values(obtained).some(({ fromProfile }) => !fromProfile);
  return hasWaited && appliedByWaiting !== '' ? new WaitedFor(answer, appliedByWaiting) : answer;
}

function obtainedWarnings({ measurement, kept, trouble = '' }: ObtainedMeasurement): Warning[] {
  const notKept: Warning = {
    code: 'not-kept',
    detail:
      `The measurement could not be written to the profiles, so the same request will measure again. ${trouble}`.trim(),
  };
  return [...measurementWarnings(measurement), ...(kept ? [] : [notKept])];
}

function about(what: string, { code, detail }: Warning): Warning {
  return { code, detail: `Of the ${what}: ${detail}` };
}
