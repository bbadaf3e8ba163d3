import { Problem } from '../common/problem.js';
import type { Workload } from '../profiles/workload.js';
import { measuringRequest } from './request/measuring-request.js';

/** Of a workload that only a measurement can tell of. */
export function notPredicted(workload: Workload): Problem {
  return new Problem(
    'nothing-to-predict-from',
    409,
    `Nothing is predicted of ${workload.runtime} on ${workload.device} in ${workload.precision}: only measurements tell what it takes. ` +
      'Send the request under `proposal` to /api/v1/estimate-resource, which measures this workload; after that, it is answered from the profile.',
    { extensions: { proposal: measuringRequest(workload) } },
  );
}

/** Of a workload on a GPU, whose memory nothing is said of beforehand. */
export function fitsByTrying(workload: Workload): Problem {
  return new Problem(
    'nothing-to-predict-from',
    409,
    `Whether a workload fits on ${workload.device} only trying tells: send the request under \`proposal\` to /api/v1/estimate-resource. ` +
      'It says what the GPU needed (`memory.gpu`), or is answered with 422 `out-of-memory`.',
    { extensions: { proposal: measuringRequest(workload) } },
  );
}
