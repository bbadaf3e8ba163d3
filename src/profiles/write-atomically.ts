import { randomUUID } from 'node:crypto';
import { open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isKnownGone, OWN_IDENTITY, type ProcessIdentity } from './process-identity.js';

const TEMPORARY = '.tmp-';
const WRITER = /\.tmp-([0-9a-f]{8})-(\d+)-([0-9a-f]{8})-/;
/** Nothing is written for so long, by whomever. */
const LONGEST_WRITE_SECONDS = 3600;

/**
 * Replaces a file as a whole or not at all. When the promise resolves, the new content outlives a crash of the machine;
 * when it rejects, the old one is untouched.
 *
 * Everything is written before the file is replaced: `FileHandle.writeFile` goes on after a short write, which is what a
 * disk that is almost full gives first, and fails with the next.
 *
 * @param beforeReplacing last chance to give up, by throwing
 */
export async function writeAtomically(
  path: string,
  content: string,
  beforeReplacing?: () => Promise<void>,
): Promise<void> {
  const temporary = temporaryPath(path);
  try {
    const file = await open(temporary, 'wx');
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await beforeReplacing?.();
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
  await syncFolder(dirname(path));
}

/** @throws where no file can be created in a folder and written to, as on a full disk. */
export async function probeWriting(folder: string): Promise<void> {
  const probe = temporaryPath(join(folder, '.probe'));
  try {
    const file = await open(probe, 'wx');
    try {
      await file.writeFile('written to see whether it can be\n');
    } finally {
      await file.close();
    }
  } finally {
    await rm(probe, { force: true });
  }
}

function temporaryPath(path: string): string {
  const { where, pid, token } = OWN_IDENTITY;
  return `${path}${TEMPORARY}${where}-${String(pid)}-${token}-${randomUUID()}`;
}

/** What processes that were killed while they wrote this file have left. Only for who holds the file's lock. */
export async function removeLeftovers(path: string): Promise<void> {
  const folder = dirname(path);
  const names = await readdir(folder);
  const left = names.filter((name) => name.startsWith(`${basename(path)}${TEMPORARY}`));
  await Promise.all(left.map((name) => rm(join(folder, name), { force: true })));
}

/**
 * What processes that were killed have left of any file in a folder. What another process may still be writing stays:
 * where it cannot be seen whether there is that process, for {@link LONGEST_WRITE_SECONDS}.
 */
export async function removeAllLeftovers(folder: string): Promise<void> {
  const names = (await namesIn(folder)).filter((name) => name.includes(TEMPORARY));
  await Promise.all(
    names.map(async (name) => {
      const path = join(folder, name);
      if (await isLeftOver(path)) await rm(path, { force: true }).catch(() => undefined);
    }),
  );
}

async function isLeftOver(path: string): Promise<boolean> {
  const writer = writerIn(path);
  if (writer !== null && isKnownGone(writer)) return true;
  try {
    return Date.now() - (await stat(path)).mtimeMs > LONGEST_WRITE_SECONDS * 1000;
  } catch {
    // It has its name by now.
    return false;
  }
}

/** Null of earlier versions, which did not say. */
function writerIn(path: string): ProcessIdentity | null {
  const [, where, pid, token] = WRITER.exec(basename(path)) ?? [];
  return where === undefined || token === undefined ? null : { where, pid: Number(pid), token };
}

async function namesIn(folder: string): Promise<string[]> {
  // Where there is none, or none that can be looked into, there is nothing to clear away.
  return readdir(folder).catch(() => []);
}

/** Until a folder is synced, a crash can undo that a file in it was created, renamed or removed. */
export async function syncFolder(path: string): Promise<void> {
  // Windows opens no folders.
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
