import { applyDecorators } from '@nestjs/common';
import { ApiProperty, type ApiPropertyOptions } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { ValidateBy, ValidateIf, ValidateNested } from 'class-validator';
import { showValue } from './show-value.js';

/**
 * Fields of a request. One decorator makes both the check and the OpenAPI schema out of the same figures, so that the
 * two cannot disagree. Nothing is converted: `"4"` is not a number.
 */
export interface FieldOptions {
  readonly description: string;
  readonly example?: unknown;
  /** A field that may be left out; `null` is not the same as leaving it out. */
  readonly optional?: boolean;
  /** Told in the document; the value itself is filled in where the request becomes a workload. */
  readonly default?: unknown;
}

interface FieldRule {
  /** The end of a sentence that begins with "must be". */
  readonly expected: string;
  readonly accepts: (value: unknown) => boolean;
  readonly schema: ApiPropertyOptions;
  /** A further sentence about a value that is not accepted, with a space before it; empty where there is none. */
  readonly hint?: (value: unknown) => string;
}

function field(options: FieldOptions, rule: FieldRule): PropertyDecorator {
  const { description, example, optional = false } = options;
  // The compiler cannot follow a spread through the many shapes that ApiPropertyOptions has.
  const schema = {
    ...rule.schema,
    description,
    required: !optional,
    ...(example !== undefined && { example }),
    ...(options.default !== undefined && { default: options.default }),
  } as ApiPropertyOptions;
  return applyDecorators(
    ApiProperty(schema),
    presence(optional),
    ValidateBy({
      name: 'field',
      validator: {
        validate: rule.accepts,
        defaultMessage: (args) => mismatch(rule, args?.value),
      },
    }),
  );
}

function mismatch({ expected, hint }: FieldRule, value: unknown): string {
  return value === undefined
    ? `is required and must be ${expected}.`
    : `must be ${expected}, but is ${showValue(value)}.${hint?.(value) ?? ''}`;
}

function unquoted(value: unknown): string {
  return typeof value === 'string' ? ' Numbers are written without quotes.' : '';
}

/** `IsOptional` of class-validator would let `null` pass as well. */
function presence(optional: boolean): PropertyDecorator {
  return ValidateIf((_object, value: unknown) => !optional || value !== undefined);
}

export interface Range {
  readonly minimum: number;
  readonly maximum: number;
}

export function IntegerField(range: Range, options: FieldOptions): PropertyDecorator {
  return field(options, {
    expected: `a whole number from ${String(range.minimum)} to ${String(range.maximum)}`,
    accepts: (value) => Number.isInteger(value) && within(value, range),
    schema: { type: 'integer', ...range },
    hint: unquoted,
  });
}

export function NumberField(range: Range, options: FieldOptions): PropertyDecorator {
  return field(options, {
    expected: `a number from ${String(range.minimum)} to ${String(range.maximum)}`,
    accepts: (value) => within(value, range),
    schema: { type: 'number', ...range },
    hint: unquoted,
  });
}

/** Beyond any number of bytes or seconds that a measurement gives, and far from where products overflow. */
const LARGEST_QUANTITY = 1e15;

/** A measured quantity: finite and never negative. */
export function QuantityField(options: FieldOptions & { readonly nullable?: boolean }): PropertyDecorator {
  const { nullable = false } = options;
  const range = { minimum: 0, maximum: LARGEST_QUANTITY };
  return field(options, {
    expected: `a number from 0 to ${String(range.maximum)}${nullable ? ', or null' : ''}`,
    accepts: (value) => (nullable && value === null) || within(value, range),
    schema: { type: 'number', ...range, ...(nullable && { nullable }) },
    hint: unquoted,
  });
}

/** @param options `replaced`: words that were once chosen from, with those that took their place */
export function ChoiceField(
  choices: readonly string[],
  options: FieldOptions & { readonly replaced?: Readonly<Record<string, string>> },
): PropertyDecorator {
  const replaced = new Map(Object.entries(options.replaced ?? {}));
  return field(options, {
    expected:
      choices.length === 1 ? `"${choices.join()}"` : `one of ${choices.map((choice) => `"${choice}"`).join(', ')}`,
    accepts: (value) => typeof value === 'string' && choices.includes(value),
    schema: { type: 'string', enum: [...choices] },
    hint: (value) => {
      const successor = typeof value === 'string' ? replaced.get(value) : undefined;
      return successor === undefined ? '' : ` It is called "${successor}" now.`;
    },
  });
}

/** The processor, a GPU by CUDA's number, or whatever WebGPU has. */
export function DeviceField(options: FieldOptions): PropertyDecorator {
  const pattern = '^(cpu|webgpu|cuda:(0|[1-9][0-9]?))$';
  return field(options, {
    expected: '"cpu", "webgpu", or "cuda:" and the number of a GPU, such as "cuda:0"',
    accepts: (value) => typeof value === 'string' && new RegExp(pattern).test(value),
    schema: { type: 'string', pattern },
  });
}

export function FlagField(options: FieldOptions): PropertyDecorator {
  return field(options, {
    expected: 'true or false',
    accepts: (value) => typeof value === 'boolean',
    schema: { type: 'boolean' },
  });
}

export function NameField(options: FieldOptions & { readonly maxLength: number }): PropertyDecorator {
  const { maxLength } = options;
  return field(options, {
    expected: `a text of 1 to ${String(maxLength)} characters`,
    accepts: (value) => typeof value === 'string' && value.length > 0 && value.length <= maxLength,
    schema: { type: 'string', minLength: 1, maxLength },
  });
}

/** `[height, width]` in pixels. */
export function ImageSizeField(side: Range, options: FieldOptions): PropertyDecorator {
  return field(options, {
    expected: `[height, width], two whole numbers from ${String(side.minimum)} to ${String(side.maximum)} (pixels)`,
    accepts: (value) =>
      Array.isArray(value) &&
      value.length === 2 &&
      value.every((element: unknown) => Number.isInteger(element) && within(element, side)),
    schema: { type: 'array', items: { type: 'integer', ...side }, minItems: 2, maxItems: 2 },
  });
}

/** An object with fields of its own. */
export function ObjectField(type: new () => object, options: FieldOptions): PropertyDecorator {
  const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value);
  return applyDecorators(
    field(options, { expected: 'an object', accepts: isObject, schema: { type } }),
    ValidateNested(),
    Type(() => type),
  );
}

function within(value: unknown, { minimum, maximum }: Range): boolean {
  return typeof value === 'number' && value >= minimum && value <= maximum;
}
