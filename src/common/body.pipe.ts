import { Injectable, type ArgumentMetadata, type PipeTransform } from '@nestjs/common';
import type { ClassConstructor } from 'class-transformer';
import { validateBody } from './validate-body.js';

/** Validates every body whose parameter is declared as a request class. Unions of classes bring a pipe of their own. */
@Injectable()
export class BodyPipe implements PipeTransform {
  async transform(value: unknown, { type, metatype }: ArgumentMetadata): Promise<unknown> {
    if (type !== 'body' || metatype === undefined || metatype === Object) {
      return value;
    }
    return validateBody(metatype as ClassConstructor<object>, value);
  }
}
