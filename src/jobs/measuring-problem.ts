import { Problem } from '../common/problem.js';
import {
  ChildDiedError,
  DoesNotFitError,
  MeasuringTimeoutError,
  type MeasuringError,
  type MeasuringErrorCode,
} from '../profiling/measuring.errors.js';

/**
 * 422 where the workload is at fault: sent again, it will be refused again. 503 where something took the measurement
 * away (a killed process, a service that closes): neither the request nor the service is wrong, and the next attempt may
 * succeed. 504 where it took longer than the service allows. 500 where the service is wrong.
 */
const STATUS: Readonly<Record<MeasuringErrorCode, number>> = {
  'does-not-fit': 422,
  untrainable: 422,
  'counts-out-of-range': 422,
  'out-of-memory': 422,
  'precision-unsupported': 422,
  'runtime-unavailable': 422,
  'child-died': 503,
  'measuring-cancelled': 503,
  'measuring-timeout': 504,
  'non-finite-loss': 500,
  'runtime-failed': 500,
  'measuring-failed': 500,
};

/** Fields of the request that a failure comes from. */
const POINTERS: Partial<Readonly<Record<MeasuringErrorCode, string>>> = {
  untrainable: '#/batch_size',
  'counts-out-of-range': '#/candidates_per_image',
  'precision-unsupported': '#/precision',
  'runtime-unavailable': '#/runtime',
};

export function measuringProblem(error: MeasuringError): Problem {
  const pointer = POINTERS[error.code];
  return new Problem(error.code, STATUS[error.code], error.message, {
    ...(pointer === undefined ? {} : { errors: [{ pointer, detail: error.message }] }),
    extensions: figures(error),
  });
}

function figures(error: MeasuringError): Readonly<Record<string, unknown>> {
  if (error instanceof DoesNotFitError) {
    return { planned_peak_bytes: Math.ceil(error.plannedPeakBytes), memory_budget_bytes: error.memoryBudgetBytes };
  }
  if (error instanceof ChildDiedError) {
    return { signal: error.signal, exit_code: error.exitCode };
  }
  if (error instanceof MeasuringTimeoutError) {
    return { limit_seconds: error.limitSeconds };
  }
  return {};
}
