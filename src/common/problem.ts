/** Media type of {@link ProblemDetails}, RFC 9457. */
export const PROBLEM_MEDIA_TYPE = 'application/problem+json';

/**
 * Every `type` that a problem document can have, with the title that goes with it. RFC 9457 lets `type` be a relative
 * reference; these are compared as plain strings and never resolved.
 */
export const PROBLEM_TITLES = {
  'malformed-request': 'The request could not be read',
  'request-timeout': 'The request did not come to its end',
  'not-found': 'There is nothing at this address',
  'unknown-architecture': 'The architecture is not known',
  'method-not-allowed': 'This address does not take this method',
  'body-too-large': 'The body is too large',
  'unsupported-media-type': 'The body is not JSON',
  'invalid-request': 'The request asks for something that cannot be measured',
  'does-not-fit': 'The workload does not fit in memory',
  untrainable: 'The workload cannot be trained',
  'counts-out-of-range': 'The network has no places for so many candidates',
  'out-of-memory': 'The measurement ran out of memory',
  'child-died': 'The measuring process was stopped from outside',
  'measuring-timeout': 'The measurement took too long',
  'non-finite-loss': 'The measurement gave a loss that is not a number',
  'measuring-cancelled': 'The measurement was cancelled',
  'measuring-failed': 'The measurement failed',
  'precision-unsupported': 'The runtime cannot compute in this precision',
  'runtime-unavailable': 'The runtime is not available here',
  'device-unavailable': 'The runtime cannot compute on this device',
  'runtime-failed': 'The runtime failed',
  'measuring-interrupted': 'The measurement was interrupted twice',
  'nothing-to-predict-from': 'Nothing was measured that a prediction could go by',
  'predicting-failed': 'The prediction failed',
  'queue-full': 'Too many measurements are waiting',
  'too-many-streams': 'Too many streams of events are open',
  'unknown-job': 'The job is not known',
  'job-over': 'The job is over',
  'not-a-profile': 'The body is not a profile',
  'unreadable-profile': 'The profile cannot be read',
  'storage-full': 'There is no room left for profiles',
  'storage-read-only': 'Profiles cannot be written',
  'storage-failed': 'Profiles could not be changed',
  'not-ready': 'The service is not ready',
  'http-error': 'The request was refused',
  'internal-error': 'The service failed',
} as const satisfies Record<string, string>;

export type ProblemType = keyof typeof PROBLEM_TITLES;

interface Mistake {
  readonly detail: string;
  /** The names that were probably meant, nearest first. */
  readonly nearest?: readonly string[];
}

/** One thing that is wrong with the body. */
export interface FieldProblem extends Mistake {
  /** JSON Pointer to the field, as a URI fragment: `#/image_size`. */
  readonly pointer: string;
}

/** One thing that is wrong with the query of the address. */
export interface ParameterProblem extends Mistake {
  /** Name of the parameter: `task`. */
  readonly parameter: string;
}

/** RFC 9457 problem details. */
export interface ProblemDetails {
  readonly type: ProblemType;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  /** Path of the request. */
  readonly instance: string;
  readonly errors?: readonly (FieldProblem | ParameterProblem)[];
  readonly [extension: string]: unknown;
}

export interface ProblemOptions {
  readonly errors?: readonly (FieldProblem | ParameterProblem)[];
  /** Further members of the document, such as the figures of a refusal. */
  readonly extensions?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A refusal or failure that the client is told about as it stands. */
export class Problem extends Error {
  constructor(
    readonly type: ProblemType,
    readonly status: number,
    readonly detail: string,
    readonly options: ProblemOptions = {},
  ) {
    super(detail);
    this.name = 'Problem';
  }

  /** @param path path of the request, without its query */
  toDocument(path: string): ProblemDetails {
    return {
      type: this.type,
      title: PROBLEM_TITLES[this.type],
      status: this.status,
      detail: this.detail,
      instance: path,
      ...(this.options.errors && { errors: this.options.errors }),
      ...this.options.extensions,
    };
  }
}

/** A fault that nobody foresaw: clients are told no details of it. */
export function internalError(): Problem {
  return new Problem('internal-error', 500, 'Something went wrong inside the service; its log says what.');
}

/** The request can be read, but some fields of its body or parameters of its query are wrong. */
export function invalidRequest(errors: readonly FieldProblem[] | readonly ParameterProblem[]): Problem {
  const detail = errors
    .map((error) => `${'pointer' in error ? error.pointer : error.parameter}: ${error.detail}`)
    .join(' ');
  return new Problem('invalid-request', 422, detail, { errors });
}
