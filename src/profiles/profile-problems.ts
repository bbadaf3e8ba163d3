import { DecodingError } from '../common/codec.js';
import { jsonPointer } from '../common/json-pointer.js';
import { Problem } from '../common/problem.js';
import { showValue } from '../common/show-value.js';
import { LaterSchemaError } from './profile.js';
import { ProfileStorageError } from './storage.error.js';
import { ClosedProfileError, UnreadableProfileError } from './unreadable-profile.error.js';

/** 507 is "Insufficient Storage", RFC 4918. */
const STATUSES = { 'storage-full': 507, 'storage-read-only': 503, 'storage-failed': 500 } as const;

/** Lets what went wrong with files be told as it is. @throws Problem; whatever else was thrown */
export async function withProfileProblems<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ProfileStorageError) throw storageProblem(error);
    if (error instanceof UnreadableProfileError || error instanceof ClosedProfileError) {
      throw new Problem('unreadable-profile', 500, `${error.message} Its export has the file as it is.`);
    }
    throw error;
  }
}

/** @param consequence a sentence on what that means for the one who asked */
export function storageProblem(error: ProfileStorageError, consequence?: string): Problem {
  const detail = consequence === undefined ? error.message : `${consequence} ${error.message}`;
  return new Problem(error.code, STATUSES[error.code], detail);
}

/** What is wrong with a profile that came from outside. */
export function notAProfile(error: unknown): unknown {
  if (error instanceof LaterSchemaError) {
    return refusal('#/schema_version', `is ${error.version}: ${error.message}.`);
  }
  if (!(error instanceof DecodingError)) return error;
  const names = error.path.replaceAll(/\[(\d+)\]/g, '.$1').split('.');
  const pointer = names.length === 1 ? '#' : jsonPointer(names.slice(1));
  return refusal(pointer, `must be ${error.expected}, but is ${showValue(error.found)}.`);
}

function refusal(pointer: string, detail: string): Problem {
  return new Problem('not-a-profile', 422, `${pointer}: ${detail}`, { errors: [{ pointer, detail }] });
}
