import { applyDecorators } from '@nestjs/common';
import { ApiBody, ApiExtraModels, getSchemaPath } from '@nestjs/swagger';

type RequestClass = new () => object;

/** Documents a body that has one of two forms, with an example of each. */
export function ApiEitherBody(
  flat: RequestClass,
  nested: RequestClass,
  examples: { readonly flat: object; readonly nested: object; readonly whole?: object },
): MethodDecorator {
  return applyDecorators(
    ApiExtraModels(flat, nested),
    ApiBody({
      schema: { oneOf: [{ $ref: getSchemaPath(flat) }, { $ref: getSchemaPath(nested) }] },
      examples: {
        flat: { summary: 'Measured or predicted', value: examples.flat },
        ...(examples.whole && { whole: { summary: 'With all that a training does', value: examples.whole } }),
        nested: { summary: 'Computed from an earlier answer', value: examples.nested },
      },
    }),
  );
}
