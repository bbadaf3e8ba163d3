import { applyDecorators, Body, Controller, HttpCode, Post, UseInterceptors } from '@nestjs/common';
import { ApiAcceptedResponse, ApiBody, ApiHeader, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { EitherFormPipe } from '../common/either-form.pipe.js';
import { jobViewCodec } from '../jobs/job.codec.js';
import { inferenceTimeAnswerSchema } from './answers/inference-time.answer.js';
import { resourceAnswerSchema } from './answers/resource.answer.js';
import { trainingTimeAnswerSchema } from './answers/training-time.answer.js';
import { AcceptedInterceptor } from './accepted.interceptor.js';
import { ApiEitherBody } from './api-body.js';
import { ApiMeasuringProblems } from './api-estimate-problems.js';
import { EXAMPLES } from './api-examples.js';
import { EstimateInferenceTimeDto, NestedInferenceTimeDto } from './dto/estimate-inference-time.dto.js';
import { EstimateResourceDto } from './dto/estimate-resource.dto.js';
import { EstimateTrainingTimeDto, NestedTrainingTimeDto } from './dto/estimate-training-time.dto.js';
import { EstimatesService } from './estimates.service.js';
import { PredictingProblemInterceptor } from './predicting-problem.interceptor.js';
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

@ApiTags('estimates')
@ApiPreference()
@ApiMeasuringProblems()
@UseInterceptors(AcceptedInterceptor, PredictingProblemInterceptor)
@Controller('api/v1')
export class EstimatesController {
  constructor(private readonly estimates: EstimatesService) {}

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
