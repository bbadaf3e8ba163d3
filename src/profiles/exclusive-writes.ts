import { dirname } from 'node:path';
import { ensureFolder } from './ensure-folder.js';
import { LockLostError, withFileLock } from './file-lock.js';
import { ProfileStorageError } from './storage.error.js';
import { removeLeftovers, syncFolder } from './write-atomically.js';

/** @param assertHeld to be called just before what cannot be undone; it throws where the task has to be done again */
type WritingTask = (assertHeld: () => Promise<void>) => Promise<void>;

/** Lets one at a time change a file: in this process by waiting in line, among processes by a lock. */
export class ExclusiveWrites {
  /** The last write to each file; the next one waits for it. */
  private readonly last = new Map<string, Promise<void>>();

  /** @throws ProfileStorageError */
  async run(path: string, task: WritingTask): Promise<void> {
    const earlier = this.last.get(path) ?? Promise.resolve();
    const write = earlier.then(() => locked(path, task));
    // The line goes on after a failed write; the failure itself is told to the one who asked for it.
    const settled = write.catch(() => undefined);
    this.last.set(path, settled);
    try {
      await write;
    } catch (error) {
      throw ProfileStorageError.of(error, path);
    } finally {
      if (this.last.get(path) === settled) this.last.delete(path);
    }
  }

  /** Resolves when all that has begun is over. */
  async settled(): Promise<void> {
    await Promise.all(this.last.values());
  }
}

async function locked(path: string, task: WritingTask): Promise<void> {
  const folder = dirname(path);
  await ensureFolder(folder);
  await syncFolder(dirname(folder));
  for (;;) {
    try {
      await withFileLock(path, async (assertHeld) => {
        await removeLeftovers(path);
        await task(assertHeld);
      });
      return;
    } catch (error) {
      if (!(error instanceof LockLostError)) throw error;
    }
  }
}
