import { schemaReference, type ReferenceObject, type SchemaObject } from './open-api.js';
import { showValue } from './show-value.js';

/**
 * How a domain type is written outside of the program: in files and in answers. One description gives the reading with
 * its checks, the writing with its names in snake_case, and the OpenAPI schema.
 */
export interface Codec<T> {
  /** @throws DecodingError when `value` is not what {@link encode} writes; members that are not known are ignored */
  readonly decode: (value: unknown, path: string) => T;
  readonly encode: (value: T) => unknown;
  readonly schema: SchemaObject | ReferenceObject;
  /** Whether a member with this codec may be missing. */
  readonly isOptional?: true;
}

/** A codec of an object with members that the type names. */
export interface ObjectCodec<T> extends Codec<T> {
  readonly encode: (value: T) => Readonly<Record<string, unknown>>;
  /** The schema itself, where {@link Codec.schema} may refer to it. */
  readonly definition: SchemaObject;
}

/** An object codec whose schema stands once in the OpenAPI document, under a name. */
export interface NamedCodec<T> extends ObjectCodec<T> {
  readonly name: string;
}

/** What was read from outside does not have the form that was expected. */
export class DecodingError extends Error {
  readonly code = 'unexpected-form';

  /** @param path names that lead to the wrong value, such as `profile.measurements[0].id` */
  constructor(
    readonly path: string,
    readonly expected: string,
    readonly found: unknown,
  ) {
    super(`${path} must be ${expected}, but is ${showValue(found)}`);
    this.name = 'DecodingError';
  }
}

function leaf<T>(expected: string, schema: SchemaObject, accepts: (value: unknown) => value is T): Codec<T> {
  return {
    schema,
    encode: (value) => value,
    decode: (value, path) => {
      if (!accepts(value)) {
        throw new DecodingError(path, expected, value);
      }
      return value;
    },
  };
}

/** Any finite number. */
export const number = (description?: string): Codec<number> =>
  leaf('a number', described({ type: 'number' }, description), (value): value is number => Number.isFinite(value));

/** A whole number from 0. */
export const count = (description?: string): Codec<number> =>
  leaf(
    'a whole number of 0 or more',
    described({ type: 'integer', minimum: 0 }, description),
    (value): value is number => {
      return typeof value === 'number' && Number.isInteger(value) && value >= 0;
    },
  );

export const text = (description?: string): Codec<string> =>
  leaf('a text', described({ type: 'string' }, description), (value) => typeof value === 'string');

export const flag = (description?: string): Codec<boolean> =>
  leaf('true or false', described({ type: 'boolean' }, description), (value) => typeof value === 'boolean');

/** A moment in ISO 8601. */
export const moment = (description?: string): Codec<string> =>
  leaf('a date and time', described({ type: 'string', format: 'date-time' }, description), (value): value is string => {
    return typeof value === 'string' && !Number.isNaN(Date.parse(value));
  });

export const choice = <const T extends string | number>(choices: readonly T[], description?: string): Codec<T> =>
  leaf(
    `one of ${choices.join(', ')}`,
    described({ type: typeof choices[0] === 'number' ? 'integer' : 'string', enum: [...choices] }, description),
    (value): value is T => choices.some((known) => known === value),
  );

export function nullable<T>(inner: Codec<T>): Codec<T | null> {
  return {
    schema: '$ref' in inner.schema ? { allOf: [inner.schema], nullable: true } : { ...inner.schema, nullable: true },
    encode: (value) => (value === null ? null : inner.encode(value)),
    decode: (value, path) => (value === null ? null : inner.decode(value, path)),
  };
}

/** Of a member that files written before it existed lack: read as null. */
export function nullWhereMissing<T>(inner: Codec<T | null>): Codec<T | null> {
  return { ...inner, decode: (value, path) => (value === undefined ? null : inner.decode(value, path)) };
}

/** Of a member that may be missing. */
export function optional<T>(inner: Codec<T>): Codec<T | undefined> {
  return {
    schema: inner.schema,
    isOptional: true,
    encode: (value) => (value === undefined ? undefined : inner.encode(value)),
    decode: (value, path) => (value === undefined ? undefined : inner.decode(value, path)),
  };
}

export function list<T>(element: Codec<T>, description?: string): Codec<readonly T[]> {
  return {
    schema: described({ type: 'array', items: element.schema }, description),
    encode: (values) => values.map((value) => element.encode(value)),
    decode: (value, path) => {
      if (!Array.isArray(value)) {
        throw new DecodingError(path, 'a list', value);
      }
      return value.map((child: unknown, index) => element.decode(child, `${path}[${String(index)}]`));
    },
  };
}

/** Two values of one kind, such as `[height, width]`. */
export function pair<T>(element: Codec<T>, description?: string): Codec<readonly [T, T]> {
  return {
    schema: described({ type: 'array', items: element.schema, minItems: 2, maxItems: 2 }, description),
    encode: ([first, second]) => [element.encode(first), element.encode(second)],
    decode: (value, path) => {
      if (!Array.isArray(value) || value.length !== 2) {
        throw new DecodingError(path, 'a list of two', value);
      }
      return [element.decode(value[0], `${path}[0]`), element.decode(value[1], `${path}[1]`)];
    },
  };
}

/** Values by names that are data themselves and are written as they stand. */
export function record<T>(element: Codec<T>, description?: string): Codec<Readonly<Record<string, T>>> {
  return {
    schema: described({ type: 'object', additionalProperties: element.schema }, description),
    encode: (values) => mapEntries(values, (name, value) => [name, element.encode(value)]),
    decode: (value, path) =>
      mapEntries(asObject(value, path), (name, child) => [name, element.decode(child, `${path}.${name}`)]),
  };
}

/** Total: a member of the type without a codec does not compile. */
export function object<T extends object>(
  fields: { readonly [K in keyof T]-?: Codec<T[K]> },
  description?: string,
): ObjectCodec<T> {
  const members = (Object.keys(fields) as (keyof T & string)[]).map((name) => ({
    name,
    written: snakeCase(name),
    codec: fields[name],
  }));
  const definition = described(
    {
      type: 'object',
      required: members.filter(({ codec }) => codec.isOptional !== true).map(({ written }) => written),
      properties: Object.fromEntries(members.map(({ written, codec }) => [written, codec.schema])),
    },
    description,
  );
  return {
    definition,
    schema: definition,
    encode: (value) => definedEntries(members.map(({ name, written, codec }) => [written, codec.encode(value[name])])),
    decode: (value, path) => {
      const source = asObject(value, path);
      // The compiler cannot see that the names of the entries are exactly those of T.
      return definedEntries(
        members.map(({ name, written, codec }) => [name, codec.decode(source[written], `${path}.${written}`)]),
      ) as T;
    },
  };
}

/** The document has to be given the definition: see `api-document.ts`. */
export function named<T>(name: string, codec: ObjectCodec<T>): NamedCodec<T> {
  return { ...codec, name, schema: schemaReference(name) };
}

/** `peakRssBytes` is written `peak_rss_bytes`. */
export function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function described(schema: SchemaObject, description: string | undefined): SchemaObject {
  return description === undefined ? schema : { ...schema, description };
}

function asObject(value: unknown, path: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new DecodingError(path, 'an object', value);
  }
  return value as Readonly<Record<string, unknown>>;
}

function definedEntries(entries: readonly (readonly [string, unknown])[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

function mapEntries<T, U>(
  values: Readonly<Record<string, T>>,
  change: (name: string, value: T) => [string, U],
): Record<string, U> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => change(name, value)));
}
