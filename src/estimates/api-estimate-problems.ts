import { applyDecorators } from '@nestjs/common';
import { ApiProblem } from '../common/api-problems.js';

const INVALID = {
  type: 'invalid-request',
  title: 'The request asks for something that cannot be measured',
  status: 422,
  detail: '#/batch_size: must be a whole number from 1 to 1024, but is 0.',
  instance: '/api/v1/estimate-resource',
  errors: [{ pointer: '#/batch_size', detail: 'must be a whole number from 1 to 1024, but is 0.' }],
};

/** What can be wrong with every request for an estimate. @param refusals further reasons to refuse one */
export function ApiRequestProblems(refusals: string): MethodDecorator & ClassDecorator {
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
    ApiProblem(413, 'The body is larger than 1 MiB.'),
    ApiProblem(415, 'The body is not declared to be JSON.'),
    ApiProblem(
      422,
      `A field is missing, unknown, out of its limits or contradicts another (\`invalid-request\`); ${refusals}`,
      INVALID,
    ),
  );
}

/** What can go wrong with an answer that is never measured. */
export function ApiPredictingProblems(): MethodDecorator & ClassDecorator {
  return ApiProblem(
    503,
    'The prediction failed (`predicting-failed`), or the service is closing (`measuring-cancelled`). Try again.',
  );
}

/** What can go wrong with an estimate that may have to be measured. */
export function ApiMeasuringProblems(): MethodDecorator & ClassDecorator {
  return applyDecorators(
    ApiRequestProblems(
      'the workload does not fit in memory (`does-not-fit`, with the figures), ran out of it (`out-of-memory`), cannot be trained as it is (`untrainable`: live batch norms over a single image), or has no places for so many candidates (`counts-out-of-range`).',
    ),
    ApiProblem(
      409,
      'With `source` "predicted": nothing was measured that a prediction could go by (`nothing-to-predict-from`). `proposal` is a request that measures the workload; `npm run calibrate` measures what all predictions need.',
    ),
    ApiProblem(500, 'The measurement failed (`measuring-failed`, `non-finite-loss`), or the service did.'),
    ApiProblem(
      503,
      'Too many measurements are waiting (`queue-full`, with `Retry-After`); the measuring process was stopped from outside (`child-died`); the job was cancelled, or the service is closing (`measuring-cancelled`); with `source` "predicted": the prediction failed (`predicting-failed`). Try again.',
    ),
    ApiProblem(504, 'The measurement took longer than the service allows (`measuring-timeout`).'),
    ApiProblem(
      507,
      'With `Prefer`: there is no room to write the job, so that it would survive the service (`storage-full`). Where it may not be written (`storage-read-only`) it is 503, else 500 (`storage-failed`). Without `Prefer` the request is answered nevertheless.',
    ),
  );
}
