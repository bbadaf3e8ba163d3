import { applyDecorators } from '@nestjs/common';
import { ApiBody, ApiExtraModels, getSchemaPath } from '@nestjs/swagger';

type RequestClass = new () => object;

/** Documents a body that has one of two forms, with an example of each. */
export function ApiEitherBody(
  flat: RequestClass,
  nested: RequestClass,
  examples: { readonly flat: object; readonly nested: object },
): MethodDecorator {
  return applyDecorators(
    ApiExtraModels(flat, nested),
    ApiBody({
      schema: { oneOf: [{ $ref: getSchemaPath(flat) }, { $ref: getSchemaPath(nested) }] },
      examples: {
        flat: { summary: 'Measured', value: examples.flat },
        nested: { summary: 'Computed from an earlier answer', value: examples.nested },
      },
    }),
  );
}
