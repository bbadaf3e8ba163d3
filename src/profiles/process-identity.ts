import { createHash, randomUUID } from 'node:crypto';
import { readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { hasCode } from './storage.error.js';

/** Which process it was that left something in a folder that several share. */
export interface ProcessIdentity {
  /** Where a process id means something: a host, and in it a container. */
  readonly where: string;
  readonly pid: number;
  /** Tells processes apart that have the same id one after the other, as the first ones of a container do. */
  readonly token: string;
}

export const OWN_IDENTITY: ProcessIdentity = {
  where: createHash('sha256').update(`${hostname()} ${pidNamespace()}`).digest('hex').slice(0, 8),
  pid: process.pid,
  token: randomUUID().slice(0, 8),
};

/** False also where that cannot be seen, as of a process in another container. */
export function isKnownGone({ where, pid, token }: ProcessIdentity): boolean {
  if (where !== OWN_IDENTITY.where) return false;
  return pid === OWN_IDENTITY.pid ? token !== OWN_IDENTITY.token : !isAlive(pid);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !hasCode(error, 'ESRCH');
  }
}

function pidNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    // Not Linux.
    return '';
  }
}
