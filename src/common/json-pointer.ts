/** Half of a character, which JSON can hold and a URI cannot. */
const LONE_SURROGATE = /\p{Surrogate}/gu;

/** JSON Pointer (RFC 6901) as a URI fragment: `#/image_size/0`. */
export function jsonPointer(path: readonly string[]): string {
  const tokens = path.map((token) =>
    encodeURIComponent(token.replace(LONE_SURROGATE, '\uFFFD').replaceAll('~', '~0').replaceAll('/', '~1')),
  );
  return `#${tokens.map((token) => `/${token}`).join('')}`;
}
