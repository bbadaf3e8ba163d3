/** The first parts of a version: 2 of `6.18.44` are `6.18`. */
export function versionParts(version: string, parts: number): string {
  return version.split('.').slice(0, parts).join('.');
}
