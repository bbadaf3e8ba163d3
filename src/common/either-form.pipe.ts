import type { PipeTransform } from '@nestjs/common';
import type { ClassConstructor } from 'class-transformer';
import { validateBody } from './validate-body.js';

/**
 * Validates a body that has one of two forms, so that what is wrong is told of the form that was meant.
 */
export class EitherFormPipe<Flat extends object, Nested extends object> implements PipeTransform {
  /** @param nestedFields fields that only the nested form has: one of them is enough to tell it */
  constructor(
    private readonly flat: ClassConstructor<Flat>,
    private readonly nested: ClassConstructor<Nested>,
    private readonly nestedFields: readonly string[],
  ) {}

  async transform(value: unknown): Promise<Flat | Nested> {
    const isNested =
      typeof value === 'object' && value !== null && this.nestedFields.some((name) => Object.hasOwn(value, name));
    return isNested ? validateBody(this.nested, value) : validateBody(this.flat, value);
  }
}
