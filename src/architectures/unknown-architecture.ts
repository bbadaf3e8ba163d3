import { nearestNames } from '../common/nearest-names.js';
import { Problem, type FieldProblem } from '../common/problem.js';
import { architectures } from '../engine/zoo/catalogue.js';

/** @param pointer to the field of a body that holds the name; null where it stands in the address */
export function unknownArchitecture(name: string, pointer: string | null): Problem {
  const nearest = nearestNames(name, architectures.keys(), { within: 1 });
  const detail = `There is no architecture "${name}". Nearest: ${nearest.join(', ')}. GET /api/v1/architectures lists all.`;
  const errors: FieldProblem[] = pointer === null ? [] : [{ pointer, detail, nearest }];
  return new Problem('unknown-architecture', 404, detail, {
    ...(errors.length > 0 && { errors }),
    extensions: { nearest },
  });
}
