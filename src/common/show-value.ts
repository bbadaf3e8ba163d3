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
    return shorten(JSON.stringify(value));
  }
  return value !== null && typeof value === 'object' ? 'an object' : String(value);
}

function shorten(text: string): string {
  return text.length <= LONGEST_SHOWN ? text : `${text.slice(0, LONGEST_SHOWN)}…`;
}
