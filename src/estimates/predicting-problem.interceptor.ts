import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { catchError, throwError, type Observable } from 'rxjs';
import { Problem } from '../common/problem.js';
import { closingProblem } from '../jobs/job-problems.js';
import { PredictingClosedError, PredictingError } from '../predicting/predicting.errors.js';

/** Tells clients of predictions that failed; why is in the log. */
@Injectable()
export class PredictingProblemInterceptor implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(catchError((error: unknown) => throwError(() => toProblem(error))));
  }
}

function toProblem(error: unknown): unknown {
  if (error instanceof PredictingClosedError) return closingProblem();
  return error instanceof PredictingError ? predictingProblem() : error;
}

function predictingProblem(): Problem {
  return new Problem(
    'predicting-failed',
    503,
    'What predicts has failed, as when its thread ends; it starts again by itself. Ask again in some seconds. Where it ' +
      'fails each time, the log of the service says why, and /api/v1/estimate-resource with "source": "measured" measures instead.',
  );
}
