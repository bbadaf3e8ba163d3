/** The thread ended, or failed at what it was asked. `code` is stable. */
export class PredictingError extends Error {
  readonly code: 'predicting-failed' | 'predicting-closed' = 'predicting-failed';

  constructor(message: string) {
    super(message);
    this.name = new.target.name;
  }
}

/** The service is closing, and predicts no more. */
export class PredictingClosedError extends PredictingError {
  override readonly code = 'predicting-closed';

  constructor() {
    super('The service is closing: ask again when it has started.');
  }
}
