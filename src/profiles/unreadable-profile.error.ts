/** The content of a file is not the profile that its name says. */
export class UnreadableProfileError extends Error {
  readonly code = 'unreadable-profile';

  constructor(readonly reason: string) {
    super(`This is not a profile that can be read (${reason}).`);
  }
}

/** A file of a later version, or one that cannot be opened now: nobody knows what is in it, so it stays as it is. */
export class ClosedProfileError extends Error {
  readonly code = 'closed-profile';

  constructor(
    readonly reason: string,
    cause: unknown,
  ) {
    super(`This profile cannot be opened (${reason}).`, { cause });
  }
}
