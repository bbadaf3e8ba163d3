import { plainToInstance, type ClassConstructor } from 'class-transformer';
import { getMetadataStorage, validate, type ValidationError } from 'class-validator';
import { nearestNames } from './nearest-names.js';
import { isOpenObject } from './open-object.js';

/** Far deeper than any request, and shallow enough that recursion over a body cannot exhaust the stack. */
const DEEPEST = 16;
/** A request of nothing but unknown fields is not worth a text for each. */
const MOST_REPORTED = 50;

/** What is wrong with a field. */
export interface WrongField {
  /** Names that lead to it, outermost first. */
  readonly path: readonly string[];
  readonly detail: string;
  /** Known names near to an unknown one, nearest first. */
  readonly nearest?: readonly string[];
}

/** Fields by name into an instance of a class that describes them, or what is wrong with them. */
export async function validateFields<T extends object>(
  type: ClassConstructor<T>,
  fields: object,
): Promise<{ readonly instance: T } | { readonly wrong: readonly WrongField[] }> {
  const treacherous = treacherousNames(fields, []);
  if (treacherous.length > 0) {
    return { wrong: treacherous.slice(0, MOST_REPORTED) };
  }
  const instance = plainToInstance(type, fields);
  const errors = await validate(instance, { whitelist: true, forbidNonWhitelisted: true });
  const wrong = errors.slice(0, MOST_REPORTED).flatMap((error) => wrongFields(error, []));
  return wrong.length > 0 ? { wrong } : { instance };
}

/**
 * Fields called like something that every object inherits (`__proto__`, `constructor`, `toString`). class-transformer
 * drops them without a word, so they would pass for known fields; no request has a field of such a name.
 */
function treacherousNames(value: unknown, path: readonly string[]): WrongField[] {
  if (typeof value !== 'object' || value === null) {
    return [];
  }
  if (path.length > DEEPEST) {
    const detail = `is nested deeper than ${String(DEEPEST)} levels; no field of a request is.`;
    return [{ path: path.slice(0, 1), detail }];
  }
  return Object.entries(value).flatMap(([name, child]: [string, unknown]) =>
    name in Object.prototype
      ? [{ path: [...path, name], detail: 'is not a field of this request.' }]
      : treacherousNames(child, [...path, name]),
  );
}

function wrongFields(error: ValidationError, parents: readonly string[]): WrongField[] {
  const path = [...parents, error.property];
  const constraints = error.constraints ?? {};
  if ('whitelistValidation' in constraints) {
    return unknownField(path, error);
  }
  const [detail] = 'field' in constraints ? [constraints.field] : Object.values(constraints);
  return detail === undefined
    ? (error.children ?? []).flatMap((child) => wrongFields(child, path))
    : [{ path, detail }];
}

function unknownField(path: readonly string[], { property, target }: ValidationError): WrongField[] {
  if (target === undefined || isOpenObject(target.constructor)) {
    return [];
  }
  const nearest = nearestNames(property, knownFields(target));
  const [first] = nearest;
  const offer = first === undefined ? '' : ` Did you mean "${first}"?`;
  return [{ path, detail: `is not a field of this request.${offer}`, ...(nearest.length > 0 && { nearest }) }];
}

function knownFields(instance: object): ReadonlySet<string> {
  const metadata = getMetadataStorage().getTargetValidationMetadatas(instance.constructor, '', false, false);
  return new Set(metadata.map(({ propertyName }) => propertyName));
}
