type StorageTrouble = 'storage-full' | 'storage-read-only' | 'storage-failed';

const TROUBLES: Readonly<Record<string, StorageTrouble>> = {
  ENOSPC: 'storage-full',
  EDQUOT: 'storage-full',
  EFBIG: 'storage-full',
  EROFS: 'storage-read-only',
  EACCES: 'storage-read-only',
  EPERM: 'storage-read-only',
};

const ADVICE: Readonly<Record<StorageTrouble, string>> = {
  'storage-full': 'There is no room left: make some, or choose another folder by PROFILES_DIR.',
  'storage-read-only':
    'It may not be written: let the user of the service write it, or choose another folder by PROFILES_DIR.',
  'storage-failed': 'Look into the folder, or choose another one by PROFILES_DIR.',
};

/** Profiles could not be changed; all that was kept before is as it was. */
export class ProfileStorageError extends Error {
  constructor(
    readonly code: StorageTrouble,
    path: string,
    cause: unknown,
  ) {
    super(`${path} could not be changed (${messageOf(cause)}). ${ADVICE[code]}`, { cause });
    this.name = 'ProfileStorageError';
  }

  /** What the system refused, under the name of its reason. */
  static of(error: unknown, path: string): ProfileStorageError {
    if (error instanceof ProfileStorageError) return error;
    const code = codeOf(error);
    return new ProfileStorageError((code === null ? undefined : TROUBLES[code]) ?? 'storage-failed', path, error);
  }
}

export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  const code = codeOf(error);
  return code !== null && codes.includes(code);
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function codeOf(error: unknown): string | null {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : null;
  return typeof code === 'string' ? code : null;
}
