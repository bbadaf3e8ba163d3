import { randomUUID } from 'node:crypto';
import { open, readFile, rm, stat, utimes } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { isKnownGone, OWN_IDENTITY, type ProcessIdentity } from './process-identity.js';
import { hasCode } from './storage.error.js';

/** A holder that is alive says so every 2 seconds; one that has not for so long is gone, or was on another host. */
const LEASE_SECONDS = 10;
const RENEWAL_SECONDS = 2;
/** Between creating a lock and writing into it whose it is, hardly anything happens. */
const UNSIGNED_SECONDS = 1;
const LONGEST_WAIT_SECONDS = 30;

/** Someone else took the lock for abandoned, as after the holder was suspended: what it guards has to be done again. */
export class LockLostError extends Error {
  readonly code = 'lock-lost';

  constructor(path: string) {
    super(`The lock of ${path} was lost to another process.`);
  }
}

/** The lock stayed with another process. */
export class LockHeldError extends Error {
  readonly code = 'lock-held';

  constructor(path: string) {
    super(
      `${path} is locked by another process for more than ${LONGEST_WAIT_SECONDS} seconds. If there is none, remove ` +
        `${path}.lock.`,
    );
  }
}

/** A lock that this process has. */
export interface FileLock {
  isHeld(): Promise<boolean>;
  release(): Promise<void>;
}

/**
 * Does something while no other process that heeds the lock does the same, by a file beside the one that it guards. The
 * lock of a process that was killed is taken over: at once where the system says that the process is gone, after
 * {@link LEASE_SECONDS} where that cannot be seen, as from another container.
 *
 * @param task is given a check that throws {@link LockLostError}, to be made just before what cannot be undone
 * @throws LockHeldError
 */
export async function withFileLock<T>(path: string, task: (assertHeld: () => Promise<void>) => Promise<T>): Promise<T> {
  const lock = await waitForFileLock(path);
  try {
    return await task(async () => {
      if (!(await lock.isHeld())) throw new LockLostError(path);
    });
  } finally {
    await lock.release();
  }
}

/** The lock of {@link withFileLock} until it is released; null at once where another process has it. */
export async function tryFileLock(path: string): Promise<FileLock | null> {
  const lock = `${path}.lock`;
  const signature = JSON.stringify({ ...OWN_IDENTITY, lock: randomUUID() });
  if (!(await create(lock, signature))) {
    const holder = await contentOf(lock);
    if (holder !== null && !(await isAbandoned(lock, holder))) return null;
    // Looked at once more: somebody else may have taken it over meanwhile.
    if (holder !== null && (await contentOf(lock)) === holder) await rm(lock, { force: true });
    if (!(await create(lock, signature))) return null;
  }
  const renewal = setInterval(() => {
    const now = new Date();
    // One that cannot be renewed is lost, and found to be so before anything is replaced.
    utimes(lock, now, now).catch(() => undefined);
  }, RENEWAL_SECONDS * 1000).unref();
  const isHeld = async (): Promise<boolean> => (await contentOf(lock)) === signature;
  return {
    isHeld,
    release: async () => {
      clearInterval(renewal);
      if (await isHeld()) await rm(lock, { force: true });
    },
  };
}

async function waitForFileLock(path: string): Promise<FileLock> {
  const deadline = performance.now() + LONGEST_WAIT_SECONDS * 1000;
  for (;;) {
    const lock = await tryFileLock(path);
    if (lock !== null) return lock;
    if (performance.now() > deadline) throw new LockHeldError(path);
    // Not in step with others that wait.
    await sleep(2 + 8 * Math.random());
  }
}

async function create(lock: string, signature: string): Promise<boolean> {
  try {
    const file = await open(lock, 'wx');
    try {
      await file.writeFile(signature);
    } catch (error) {
      // On a full disk it would be in everybody's way.
      await rm(lock, { force: true });
      throw error;
    } finally {
      await file.close();
    }
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
}

async function isAbandoned(lock: string, content: string): Promise<boolean> {
  const holder = holderIn(content);
  if (holder !== null && isKnownGone(holder)) return true;
  try {
    const silentMs = Date.now() - (await stat(lock)).mtimeMs;
    return silentMs > (content === '' ? UNSIGNED_SECONDS : LEASE_SECONDS) * 1000;
  } catch {
    // Released meanwhile.
    return false;
  }
}

function holderIn(content: string): ProcessIdentity | null {
  try {
    const { where, pid, token } = JSON.parse(content) as Partial<Record<keyof ProcessIdentity, unknown>>;
    return typeof where === 'string' && typeof pid === 'number' && typeof token === 'string'
      ? { where, pid, token }
      : null;
  } catch {
    return null;
  }
}

async function contentOf(lock: string): Promise<string | null> {
  try {
    return await readFile(lock, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null;
    throw error;
  }
}
