import { applyDecorators, Body, Controller, HttpCode, Post, UseInterceptors } from '@nestjs/common';
import { ApiAcceptedResponse, ApiBody, ApiHeader, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ApiProblem } from '../common/api-problems.js';
import { EitherFormPipe } from '../common/either-form.pipe.js';
import { jobViewCodec } from '../jobs/job.codec.js';
import { fitAnswerSchema } from './answers/fit.answer.js';
import { inferenceTimeAnswerSchema } from './answers/inference-time.answer.js';
import { resourceAnswerSchema } from './answers/resource.answer.js';
import { trainingTimeAnswerSchema } from './answers/training-time.answer.js';
import { AcceptedInterceptor } from './accepted.interceptor.js';
import { ApiEitherBody } from './api-body.js';
import { EXAMPLES } from './api-examples.js';
import { EstimateFitDto } from './dto/estimate-fit.dto.js';
import { EstimateInferenceTimeDto, NestedInferenceTimeDto } from './dto/estimate-inference-time.dto.js';
import { EstimateResourceDto } from './dto/estimate-resource.dto.js';
import { EstimateTrainingTimeDto, NestedTrainingTimeDto } from './dto/estimate-training-time.dto.js';
import { EstimatesService } from './estimates.service.js';
import { FitService } from './fit.service.js';
import { Prefer, type Preference } from './preference.js';

const NESTED_FIELDS = ['resource_estimation', 'resource_estimation_results'];

const MEASURES =
  'Answered at once when this workload was measured on this machine before, or can be interpolated well; otherwise it is measured now, which takes from seconds to minutes, one measurement at a time. `source` says otherwise. ' +
  'Who does not want to wait says so with the header `Prefer`, and comes again when the job is over. ' +
  'Memory in bytes, time in seconds, utilisation in percent.';

/** The header that says how long to wait, and what is answered when that is over. */
function ApiPreference(): MethodDecorator & ClassDecorator {
  const header = (description: string) => ({ description, schema: { type: 'string' as const } });
  return applyDecorators(
    ApiHeader({
      name: 'Prefer',
      required: false,
      description:
        'RFC 7240. `wait=10`: wait for 10 seconds at most; `respond-async`: not at all, or as long as `wait` says. Without it the request waits as long as measuring takes.',
      example: 'respond-async, wait=10',
    }),
    ApiAcceptedResponse({
      description:
        'It is still to be measured. When the job is over, the same request without `refresh` is answered at once.',
      headers: {
        Location: header('Of the job that is over last.'),
        'Preference-Applied': header('What of `Prefer` was heeded.'),
        'Retry-After': header('Seconds until the job is probably over.'),
      },
      schema: {
        type: 'object',
        required: ['jobs'],
        properties: {
          jobs: {
            type: 'array',
            items: jobViewCodec.schema,
            description: 'All that have to be over first, in the order of their turns.',
          },
        },
      },
    }),
  );
}

/** What can go wrong with every estimate. */
function ApiEstimateProblems(): MethodDecorator & ClassDecorator {
  return applyDecorators(
    ApiProblem(400, 'The body is not JSON.'),
    ApiProblem(404, 'The architecture is not known. `nearest` has the names that were probably meant.', {
      type: 'unknown-architecture',
      title: 'The architecture is not known',
      status: 404,
      detail:
        'There is no architecture "ssdlite320_mobilenet_v3". Nearest: ssdlite320_mobilenet_v3_large. GET /api/v1/architectures lists all.',
      instance: '/api/v1/estimate-resource',
      nearest: ['ssdlite320_mobilenet_v3_large'],
    }),
    ApiProblem(
      409,
      'With `source` "predicted": nothing was measured that a prediction could go by (`nothing-to-predict-from`). `proposal` is a request that measures the workload; `npm run calibrate` measures what all predictions need.',
    ),
    ApiProblem(413, 'The body is larger than 1 MiB.'),
    ApiProblem(415, 'The body is not declared to be JSON.'),
    ApiProblem(
      422,
      'A field is missing, unknown, out of its limits or contradicts another (`invalid-request`); the workload does not fit in memory (`does-not-fit`, with the figures), ran out of it (`out-of-memory`), cannot be trained as it is (`untrainable`: live batch norms over a single image), or has no places for so many candidates (`counts-out-of-range`).',
      {
        type: 'invalid-request',
        title: 'The request asks for something that cannot be measured',
        status: 422,
        detail: '#/batch_size: must be a whole number from 1 to 1024, but is 0.',
        instance: '/api/v1/estimate-resource',
        errors: [{ pointer: '#/batch_size', detail: 'must be a whole number from 1 to 1024, but is 0.' }],
      },
    ),
    ApiProblem(500, 'The measurement failed (`measuring-failed`, `non-finite-loss`), or the service did.'),
    ApiProblem(
      503,
      'Too many measurements are waiting (`queue-full`, with `Retry-After`); the measuring process was stopped from outside (`child-died`); the job was cancelled, or the service is closing (`measuring-cancelled`). Try again.',
    ),
    ApiProblem(504, 'The measurement took longer than the service allows (`measuring-timeout`).'),
    ApiProblem(
      507,
      'With `Prefer`: there is no room to write the job, so that it would survive the service (`storage-full`). Where it may not be written (`storage-read-only`) it is 503, else 500 (`storage-failed`). Without `Prefer` the request is answered nevertheless.',
    ),
  );
}

@ApiTags('estimates')
@ApiPreference()
@ApiEstimateProblems()
@UseInterceptors(AcceptedInterceptor)
@Controller('api/v1')
export class EstimatesController {
  constructor(
    private readonly estimates: EstimatesService,
    private readonly fits: FitService,
  ) {}

  @Post('estimate-resource')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'estimateResource',
    summary: 'Memory, CPU utilisation and time of one batch',
    description: `Of a training step, or of an inference. ${MEASURES}`,
  })
  @ApiBody({
    type: EstimateResourceDto,
    examples: {
      training: { value: EXAMPLES.training },
      inference: { value: EXAMPLES.inference },
      segmentation: { value: EXAMPLES.segmentation },
      classification: { value: EXAMPLES.classification },
    },
  })
  @ApiOkResponse({ description: 'What was measured or predicted.', schema: resourceAnswerSchema })
  resource(@Body() request: EstimateResourceDto, @Prefer() preference: Preference): Promise<unknown> {
    return this.estimates.resource(request, preference);
  }

  @Post('estimate-fit')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'estimateFit',
    summary: 'Whether a workload fits in memory, and the largest batch that does',
    description:
      'Nothing is run or measured: from a stored measurement of the workload, else predicted, else planned from its graph.',
  })
  @ApiBody({ type: EstimateFitDto, examples: { training: { value: EXAMPLES.fit } } })
  @ApiOkResponse({ description: 'The verdict, and what it rests on.', schema: fitAnswerSchema })
  fit(@Body() request: EstimateFitDto): Promise<unknown> {
    return this.fits.estimate(request);
  }

  @Post('estimate-training-time')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'estimateTrainingTime',
    summary: 'Time of a whole training',
    description: `(forward_pass + backward_pass) x batches of an epoch x epochs, and what else the request gives: data loading, validation, checkpoints, warm-up; each is a line of the answer. With \`resource_estimation_results\` it is computed from the batch time given there, and nothing is measured. ${MEASURES}`,
  })
  @ApiEitherBody(EstimateTrainingTimeDto, NestedTrainingTimeDto, {
    flat: EXAMPLES.trainingTime,
    whole: EXAMPLES.wholeTrainingTime,
    nested: EXAMPLES.nestedTrainingTime,
  })
  @ApiOkResponse({ description: 'The time, and what it was computed from.', schema: trainingTimeAnswerSchema })
  trainingTime(
    @Body(new EitherFormPipe(EstimateTrainingTimeDto, NestedTrainingTimeDto, NESTED_FIELDS))
    request: EstimateTrainingTimeDto | NestedTrainingTimeDto,
    @Prefer() preference: Preference,
  ): Promise<unknown> {
    return this.estimates.trainingTime(request, preference);
  }

  @Post('estimate-inference-time')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'estimateInferenceTime',
    summary: 'Time of an inference of one image and of a batch',
    description: `One image is measured or predicted on its own: a batch divided by its size would promise too much. With \`resource_estimation_results\` nothing is measured, and one image is the batch divided, as the answer says. ${MEASURES}`,
  })
  @ApiEitherBody(EstimateInferenceTimeDto, NestedInferenceTimeDto, {
    flat: EXAMPLES.inference,
    nested: EXAMPLES.nestedInferenceTime,
  })
  @ApiOkResponse({ description: 'The times, and what they rest on.', schema: inferenceTimeAnswerSchema })
  inferenceTime(
    @Body(new EitherFormPipe(EstimateInferenceTimeDto, NestedInferenceTimeDto, NESTED_FIELDS))
    request: EstimateInferenceTimeDto | NestedInferenceTimeDto,
    @Prefer() preference: Preference,
  ): Promise<unknown> {
    return this.estimates.inferenceTime(request, preference);
  }
}
