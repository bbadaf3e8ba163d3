import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { catchError, throwError, type Observable } from 'rxjs';
import { MeasuringError } from '../profiling/measuring.errors.js';
import { measuringProblem } from './measuring-problem.js';

/** Tells clients in the words of HTTP why a measurement gave no result. */
@Injectable()
export class MeasuringProblemsInterceptor implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next
      .handle()
      .pipe(
        catchError((error: unknown) =>
          throwError(() => (error instanceof MeasuringError ? measuringProblem(error) : error)),
        ),
      );
  }
}
