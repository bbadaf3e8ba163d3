/**
 * Where an answer may come from. `auto`: a stored measurement, else an interpolation that is narrow enough, else a new
 * measurement; `measured`: a measurement, stored or new; `predicted`: a stored measurement, else a prediction.
 */
export const SOURCES = ['auto', 'measured', 'predicted'] as const;

export type Source = (typeof SOURCES)[number];

/** How an answer was found, from the surest to the least sure. */
export const KINDS = ['measured', 'interpolated', 'predicted'] as const;

export type Kind = (typeof KINDS)[number];

/** Of an answer that rests on several figures. */
export function weakestOf(kinds: readonly Kind[]): Kind {
  return KINDS.findLast((kind) => kinds.includes(kind)) ?? 'measured';
}
