export interface WrongVariable {
  readonly variable: string;
  readonly value: string;
  /** What would be right, as the end of a sentence that begins with the variable's name. */
  readonly expectation: string;
}

/** The environment holds values that the service cannot start with. */
export class InvalidEnvironmentError extends Error {
  readonly code = 'invalid-environment';

  constructor(readonly wrong: readonly WrongVariable[]) {
    super(wrong.map(({ variable, value, expectation }) => `${variable} ${expectation}, but is "${value}".`).join('\n'));
    this.name = 'InvalidEnvironmentError';
  }
}
