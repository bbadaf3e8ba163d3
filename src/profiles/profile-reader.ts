import { readFile, stat } from 'node:fs/promises';
import type { KeptMeasurement } from './kept-measurement.js';
import { byWorkload } from './merge-measurements.js';
import { decodeProfile, LaterSchemaError, type Profile } from './profile.js';
import { hasCode, messageOf } from './storage.error.js';
import { ClosedProfileError, UnreadableProfileError } from './unreadable-profile.error.js';

export interface LoadedProfile {
  readonly profile: Profile;
  readonly byWorkload: ReadonlyMap<string, readonly KeptMeasurement[]>;
}

interface Reading {
  /** Of the file that was read; another one means that the file was changed since, by whomever. */
  readonly stamp: string;
  readonly result: LoadedProfile | UnreadableProfileError | ClosedProfileError;
}

/** Reads files of profiles, each once as long as it is the same; asking for that takes a tenth of a millisecond. */
export class ProfileReader {
  private readonly readings = new Map<string, Reading>();

  /** @param onTrouble told once of each file that cannot be read, as long as it stays the same */
  constructor(private readonly onTrouble: (path: string, error: Error) => void) {}

  /**
   * @returns null where there is no file
   * @throws UnreadableProfileError; ClosedProfileError
   */
  async read(path: string, machineId: string, architecture: string): Promise<LoadedProfile | null> {
    const stamp = await stampOf(path);
    if (stamp === null) {
      this.readings.delete(path);
      return null;
    }
    let reading = this.readings.get(path);
    if (reading?.stamp !== stamp) {
      reading = { stamp, result: resultIn(await contentOf(path), machineId, architecture) };
      this.readings.set(path, reading);
      if (reading.result instanceof Error) this.onTrouble(path, reading.result);
    }
    if (reading.result instanceof Error) throw reading.result;
    return reading.result;
  }
}

/** Not remembered where it fails: a file may be opened again without being another one. */
async function contentOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new ClosedProfileError(messageOf(error), error);
  }
}

function resultIn(content: string, machineId: string, architecture: string): Reading['result'] {
  try {
    const profile = profileIn(content, machineId, architecture);
    return { profile, byWorkload: byWorkload(profile.measurements) };
  } catch (error) {
    return error instanceof ClosedProfileError ? error : new UnreadableProfileError(messageOf(error));
  }
}

function profileIn(content: string, machineId: string, architecture: string): Profile {
  let profile: Profile;
  try {
    profile = decodeProfile(JSON.parse(content), 'profile');
  } catch (error) {
    throw error instanceof LaterSchemaError ? new ClosedProfileError(error.message, error) : error;
  }
  if (profile.machine.id !== machineId || profile.architecture !== architecture) {
    throw new Error(`it is the profile of ${profile.architecture} on machine ${profile.machine.id}`);
  }
  return profile;
}

async function stampOf(path: string): Promise<string | null> {
  try {
    const { mtimeMs, size, ino } = await stat(path);
    return `${String(mtimeMs)}/${String(size)}/${String(ino)}`;
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return null;
    throw new ClosedProfileError(messageOf(error), error);
  }
}
