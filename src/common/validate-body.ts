import type { ClassConstructor } from 'class-transformer';
import { jsonPointer } from './json-pointer.js';
import { invalidRequest, Problem } from './problem.js';
import { showValue } from './show-value.js';
import { validateFields } from './validate-fields.js';

/**
 * Turns a parsed JSON body into an instance of a request class.
 *
 * @throws Problem 422 with a pointer to each wrong field; the unknown ones among them with the nearest known names
 */
export async function validateBody<T extends object>(type: ClassConstructor<T>, body: unknown): Promise<T> {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    const found = body === undefined || body === null ? 'there is none' : `it is ${showValue(body)}`;
    throw new Problem('invalid-request', 422, `The body must be a JSON object, but ${found}.`, {
      errors: [{ pointer: '#', detail: `must be a JSON object, but ${found}.` }],
    });
  }
  const result = await validateFields(type, body);
  if ('wrong' in result) {
    throw invalidRequest(result.wrong.map(({ path, ...told }) => ({ pointer: jsonPointer(path), ...told })));
  }
  return result.instance;
}
