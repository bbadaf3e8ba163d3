import type { PipeTransform } from '@nestjs/common';
import type { ClassConstructor } from 'class-transformer';
import { invalidRequest } from './problem.js';
import { validateFields } from './validate-fields.js';

/** Validates the query of an address. A parameter that is not known is refused: it is most often a known one misspelt. */
export class QueryPipe<T extends object> implements PipeTransform {
  constructor(private readonly type: ClassConstructor<T>) {}

  /** @throws Problem 422 with the name of each wrong parameter */
  async transform(query: object): Promise<T> {
    const result = await validateFields(this.type, query);
    if ('wrong' in result) {
      throw invalidRequest(result.wrong.map(({ path, ...told }) => ({ parameter: path.join('.'), ...told })));
    }
    return result.instance;
  }
}
