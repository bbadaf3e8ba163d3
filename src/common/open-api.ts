import type { OpenAPIObject } from '@nestjs/swagger';

type Schema = NonNullable<NonNullable<OpenAPIObject['components']>['schemas']>[string];

/** A schema written out. */
export type SchemaObject = Exclude<Schema, { $ref: string }>;

/** The name of a schema that is written out elsewhere in the document. */
export type ReferenceObject = Extract<Schema, { $ref: string }>;

export function schemaReference(name: string): ReferenceObject {
  return { $ref: `#/components/schemas/${name}` };
}
