import { randomUUID } from 'node:crypto';
import { open, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

const TEMPORARY = '.tmp-';

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
  const temporary = `${path}${TEMPORARY}${randomUUID()}`;
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

/** What processes that were killed while they wrote this file have left. Only for who holds the file's lock. */
export async function removeLeftovers(path: string): Promise<void> {
  const folder = dirname(path);
  const names = await readdir(folder);
  const left = names.filter((name) => name.startsWith(`${basename(path)}${TEMPORARY}`));
  await Promise.all(left.map((name) => rm(join(folder, name), { force: true })));
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
