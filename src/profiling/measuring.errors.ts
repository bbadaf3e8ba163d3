export type MeasuringErrorCode =
  | 'does-not-fit'
  | 'untrainable'
  | 'counts-out-of-range'
  | 'child-died'
  | 'out-of-memory'
  | 'measuring-timeout'
  | 'non-finite-loss'
  | 'precision-unsupported'
  | 'runtime-unavailable'
  | 'runtime-failed'
  | 'measuring-failed'
  | 'measuring-cancelled';

/** Why a measurement gave no result. `code` is stable; the message is written for the one who asked. */
export abstract class MeasuringError extends Error {
  abstract readonly code: MeasuringErrorCode;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** The workload's planned peak exceeds the memory that a measurement may use; nothing was run. */
export class DoesNotFitError extends MeasuringError {
  readonly code = 'does-not-fit';

  constructor(
    message: string,
    readonly plannedPeakBytes: number,
    readonly memoryBudgetBytes: number,
  ) {
    super(message);
  }
}

/** The framework itself would refuse to train this, such as live batch norms over a single value. */
export class UntrainableWorkloadError extends MeasuringError {
  readonly code = 'untrainable';
}

/** The network has no places for so many candidates and detections. */
export class CountsOutOfRangeError extends MeasuringError {
  readonly code = 'counts-out-of-range';
}

/** The measuring process ended without a result. */
export class ChildDiedError extends MeasuringError {
  readonly code = 'child-died';

  constructor(
    message: string,
    readonly signal: NodeJS.Signals | null,
    readonly exitCode: number | null,
    /** Last thing that it wrote to its error output; for the log, not for clients. */
    readonly stderrTail: string,
  ) {
    super(message);
  }
}

/** The measurement needed more memory than the system gave. */
export class OutOfMemoryError extends MeasuringError {
  readonly code = 'out-of-memory';
}

/** The measurement, or its start, took longer than allowed and was ended. */
export class MeasuringTimeoutError extends MeasuringError {
  readonly code = 'measuring-timeout';

  constructor(
    message: string,
    readonly limitSeconds: number,
  ) {
    super(message);
  }
}

/** A loss became NaN or infinite, so the step that was timed is not one of a training that works. */
export class NonFiniteLossError extends MeasuringError {
  readonly code = 'non-finite-loss';
}

/** The runtime cannot compute the network in the precision asked for. */
export class UnsupportedPrecisionError extends MeasuringError {
  readonly code = 'precision-unsupported';
}

/** What was to execute the network is not installed, or does not start. */
export class RuntimeUnavailableError extends MeasuringError {
  readonly code = 'runtime-unavailable';
}

/** What executes the network said what nobody understands, or nothing at all. */
export class RuntimeFailedError extends MeasuringError {
  readonly code = 'runtime-failed';
}

/** The measuring process reported a fault of its own, or said what the service does not understand. */
export class MeasuringFailedError extends MeasuringError {
  readonly code = 'measuring-failed';
}

/** Nobody wants the result any more: the request was cancelled, or the service is closing. */
export class MeasuringCancelledError extends MeasuringError {
  readonly code = 'measuring-cancelled';
}
