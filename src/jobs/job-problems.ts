import { Problem } from '../common/problem.js';
import { storageProblem } from '../profiles/profile-problems.js';
import type { ProfileStorageError } from '../profiles/storage.error.js';

export function closingProblem(): Problem {
  return new Problem(
    'measuring-cancelled',
    503,
    'The service is closing. A measurement that was wanted is taken up again when it starts: ask again then.',
  );
}

export function cancelledProblem(): Problem {
  return new Problem('measuring-cancelled', 503, 'The measurement was cancelled by a request to delete its job.');
}

export function interruptedProblem(): Problem {
  return new Problem(
    'measuring-interrupted',
    503,
    'The service ended twice while this was being measured, so it is not tried a third time. Ask again to have it measured nevertheless.',
  );
}

export function takenOverProblem(): Problem {
  return new Problem(
    'measuring-cancelled',
    503,
    'Another service that shares PROFILES_DIR has taken the measurement over, as after this one was suspended: ask again.',
  );
}

export function unkeptJobProblem(error: ProfileStorageError): Problem {
  return storageProblem(
    error,
    'The job could not be written, and would be lost with the service, so it was not taken in. The same request without Prefer waits, and is answered nevertheless.',
  );
}

export function unkeptCancellationProblem(error: ProfileStorageError): Problem {
  return storageProblem(
    error,
    'The job is cancelled, but that could not be written: it would be taken up again at the next start.',
  );
}
