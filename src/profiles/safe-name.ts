/**
 * Names of folders and files: nothing that could lead out of the folder of profiles, nor be hidden in it. Lower case
 * alone, since some file systems take `A` and `a` for the same.
 */
const SAFE = /^[a-z0-9]([a-z0-9._-]{0,98}[a-z0-9_-])?$/;

/** Devices, on Windows, with whatever suffix. */
const RESERVED = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/;

/** The end of a sentence that begins with "must be". */
export const NAME_RULE =
  'a name of up to 100 lower-case letters, digits, ".", "_" and "-", beginning with a letter or digit';

export function isSafeName(name: string): boolean {
  return SAFE.test(name) && !RESERVED.test(name);
}
