import { readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Injectable, Logger } from '@nestjs/common';
import { Settings } from '../config/settings.js';
import { ensureFolder } from '../profiles/ensure-folder.js';
import { type FileLock, LockLostError, tryFileLock } from '../profiles/file-lock.js';
import { hasCode, messageOf, ProfileStorageError } from '../profiles/storage.error.js';
import { removeAllLeftovers, syncFolder, writeAtomically } from '../profiles/write-atomically.js';
import { readJob, writeJob } from './job.codec.js';
import { isOver, type Job } from './job.js';
import { JobsRepository } from './jobs.repository.js';

/** Hidden, and so no name that a machine's folder of profiles could have. */
const FOLDER = '.jobs';
const FILE_NAME = /^([0-9a-f-]{36})\.json$/;

/** Jobs as `.jobs/<id>.json` in the folder of profiles, with a lock beside each that is not over. */
@Injectable()
export class JobFilesRepository extends JobsRepository {
  private readonly logger = new Logger(JobFilesRepository.name);
  private readonly folder: string;
  /** Of the jobs that are not over and that this process has. */
  private readonly locks = new Map<string, FileLock>();
  /** Told of once. */
  private readonly unreadable = new Set<string>();

  constructor({ profilesDirectory }: Settings) {
    super();
    this.folder = join(profilesDirectory, FOLDER);
  }

  async load(known: ReadonlySet<string>): Promise<readonly Job[]> {
    await removeAllLeftovers(this.folder);
    const ids = (await this.names()).flatMap((name) => FILE_NAME.exec(name)?.[1] ?? []);
    const unknown = ids.filter((id) => !known.has(id) && !this.unreadable.has(id));
    const jobs = await Promise.all(unknown.map((id) => this.take(id)));
    return jobs.filter((job) => job !== null).sort((left, right) => left.sequence - right.sequence);
  }

  async save(job: Job): Promise<void> {
    const path = this.pathOf(job.id);
    try {
      await ensureFolder(this.folder);
      await syncFolder(dirname(this.folder));
      // Before others can see it.
      if (!(await this.lock(job.id))) throw new LockLostError(path);
      await writeAtomically(path, writeJob(job));
    } catch (error) {
      throw ProfileStorageError.of(error, path);
    }
    if (isOver(job)) await this.unlock(job.id);
  }

  async remove(id: string): Promise<void> {
    await rm(this.pathOf(id), { force: true });
    // Still held where the end of the job could not be written.
    await this.unlock(id);
    // That of a service that was killed just before it released it.
    await rm(`${this.pathOf(id)}.lock`, { force: true });
  }

  async isOwn(id: string): Promise<boolean> {
    try {
      return await this.lock(id);
    } catch {
      // Where nothing can be written, nobody else has it either.
      return true;
    }
  }

  async release(): Promise<void> {
    await Promise.all([...this.locks.keys()].map((id) => this.unlock(id)));
  }

  /** Null where another service has it, or where it cannot be read. */
  private async take(id: string): Promise<Job | null> {
    const seen = await this.read(id);
    if (seen === null || isOver(seen)) return seen;
    try {
      if (!(await this.lock(id))) return null;
    } catch (error) {
      // Where nothing can be written, nobody else can either.
      this.logger.warn(ProfileStorageError.of(error, this.pathOf(id)).message);
      return seen;
    }
    // Whoever had it before may have brought it to its end meanwhile.
    const job = await this.read(id);
    if (job === null || isOver(job)) await this.unlock(id);
    return job;
  }

  /** @returns false where another process has it */
  private async lock(id: string): Promise<boolean> {
    // One that was lost may have been released again since, or cleared away.
    if ((await this.locks.get(id)?.isHeld()) === true) return true;
    await this.unlock(id);
    const lock = await tryFileLock(this.pathOf(id));
    if (lock !== null) this.locks.set(id, lock);
    return lock !== null;
  }

  private async unlock(id: string): Promise<void> {
    const lock = this.locks.get(id);
    this.locks.delete(id);
    await lock?.release();
  }

  private async read(id: string): Promise<Job | null> {
    const path = this.pathOf(id);
    try {
      const content = await readFile(path, 'utf8');
      try {
        const job = readJob(content);
        if (job.id !== id) throw new Error(`it is job ${job.id}`);
        return job;
      } catch (error) {
        await this.setAside(path, messageOf(error));
        return null;
      }
    } catch (error) {
      // It was over, and gave way to later ones.
      if (hasCode(error, 'ENOENT')) return null;
      this.unreadable.add(id);
      this.logger.warn(`The job ${path} could not be read, and is left out: ${messageOf(error)}.`);
      return null;
    }
  }

  /** For whoever wants to look into it; the next start does not come upon it again. */
  private async setAside(path: string, reason: string): Promise<void> {
    const aside = `${path}.unreadable-${new Date().toISOString().replaceAll(':', '')}`;
    await rename(path, aside);
    this.logger.warn(`${path} is not a job that can be read (${reason}). It is now ${aside}.`);
  }

  private async names(): Promise<string[]> {
    try {
      return await readdir(this.folder);
    } catch (error) {
      if (!hasCode(error, 'ENOENT')) this.logger.warn(`Earlier jobs could not be read: ${messageOf(error)}.`);
      return [];
    }
  }

  private pathOf(id: string): string {
    return join(this.folder, `${id}.json`);
  }
}
