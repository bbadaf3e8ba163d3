import { jsonPointer } from '../../common/json-pointer.js';
import { invalidRequest } from '../../common/problem.js';
import type { MeasurableDto } from '../dto/measurable.dto.js';
import type { Source } from '../source.js';

/** Where a request wants its figures from. @throws Problem 422 where they are to be predicted and measured */
export function requestedSource({ source = 'auto', refresh = false }: MeasurableDto): {
  readonly source: Source;
  readonly refresh: boolean;
} {
  if (refresh && source === 'predicted') {
    const detail = 'measures in any case, but source "predicted" measures nothing: leave out one of them.';
    throw invalidRequest([{ pointer: jsonPointer(['refresh']), detail }]);
  }
  return { source, refresh };
}
