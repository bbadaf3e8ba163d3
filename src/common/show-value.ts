const LONGEST_SHOWN = 60;

/** A value from a request as an error text shows it: JSON, cut short. */
export function showValue(value: unknown): string {
  if (typeof value === 'number') {
    return String(value);
  }
  if (typeof value === 'string') {
    return shorten(JSON.stringify(value));
  }
  if (Array.isArray(value)) {
    return isFlat(value) ? shorten(JSON.stringify(value)) : 'a nested array';
  }
  return value !== null && typeof value === 'object' ? 'an object' : String(value);
}

/** Of pairs at most: JSON of arrays within arrays within arrays is no help, and may be nested deeper than the stack. */
function isFlat(value: readonly unknown[]): boolean {
  return value.every(
    (item) => !Array.isArray(item) || item.every((inner) => typeof inner !== 'object' || inner === null),
  );
}

function shorten(text: string): string {
  return text.length <= LONGEST_SHOWN ? text : `${text.slice(0, LONGEST_SHOWN)}…`;
}
