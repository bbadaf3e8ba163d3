import { plainToInstance, type ClassConstructor } from 'class-transformer';
import { getMetadataStorage, validate, type ValidationError } from 'class-validator';
import { jsonPointer } from './json-pointer.js';
import { nearestNames } from './nearest-names.js';
import { isOpenObject } from './open-object.js';
import { invalidRequest, Problem, type FieldProblem } from './problem.js';
import { showValue } from './show-value.js';

/** Far deeper than any request, and shallow enough that recursion over a body cannot exhaust the stack. */
const DEEPEST_BODY = 16;
/** A body of nothing but unknown fields is not worth a text for each. */
const MOST_REPORTED = 50;

/**
 * Turns a parsed JSON body into an instance of a request class.
 *
 * @throws Problem 422 with a pointer to each wrong field; the unknown ones among them with the nearest known names
 */
export async function validateBody<T extends object>(type: ClassConstructor<T>, body: unknown): Promise<T> {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    const found = body === undefined || body === null ? 'there is none' : `it is ${showValue(body)}`;
    throw new Problem('invalid-request', 422, `The body must be a JSON object, but ${found}.`, {
      errors: [{ pointer: '#', detail: `must be a JSON object, but ${found}.` }],
    });
  }
  const treacherous = treacherousNames(body, []);
  if (treacherous.length > 0) {
    throw invalidRequest(treacherous.slice(0, MOST_REPORTED));
  }
  const instance = plainToInstance(type, body);
  const errors = await validate(instance, { whitelist: true, forbidNonWhitelisted: true });
  const problems = errors.slice(0, MOST_REPORTED).flatMap((error) => fieldProblems(error, []));
  if (problems.length > 0) {
    throw invalidRequest(problems);
  }
  return instance;
}

/**
 * Fields called like something that every object inherits (`__proto__`, `constructor`, `toString`). class-transformer
 * drops them without a word, so they would pass for known fields; no request has a field of such a name.
 */
function treacherousNames(value: unknown, path: readonly string[]): FieldProblem[] {
  if (typeof value !== 'object' || value === null) {
    return [];
  }
  if (path.length > DEEPEST_BODY) {
    const detail = `is nested deeper than ${String(DEEPEST_BODY)} levels; no field of a request is.`;
    return [{ pointer: jsonPointer(path.slice(0, 1)), detail }];
  }
  return Object.entries(value).flatMap(([name, child]: [string, unknown]) =>
    name in Object.prototype
      ? [{ pointer: jsonPointer([...path, name]), detail: 'is not a field of this request.' }]
      : treacherousNames(child, [...path, name]),
  );
}

function fieldProblems(error: ValidationError, parents: readonly string[]): FieldProblem[] {
  const path = [...parents, error.property];
  const constraints = error.constraints ?? {};
  if ('whitelistValidation' in constraints) {
    return unknownField(path, error);
  }
  const [detail] = 'field' in constraints ? [constraints.field] : Object.values(constraints);
  return detail === undefined
    ? (error.children ?? []).flatMap((child) => fieldProblems(child, path))
    : [{ pointer: jsonPointer(path), detail }];
}

function unknownField(path: readonly string[], { property, target }: ValidationError): FieldProblem[] {
  if (target === undefined || isOpenObject(target.constructor)) {
    return [];
  }
  const nearest = nearestNames(property, knownFields(target));
  const [first] = nearest;
  const offer = first === undefined ? '' : ` Did you mean "${first}"?`;
  return [
    {
      pointer: jsonPointer(path),
      detail: `is not a field of this request.${offer}`,
      ...(nearest.length > 0 && { nearest }),
    },
  ];
}

function knownFields(instance: object): ReadonlySet<string> {
  const metadata = getMetadataStorage().getTargetValidationMetadatas(instance.constructor, '', false, false);
  return new Set(metadata.map(({ propertyName }) => propertyName));
}
