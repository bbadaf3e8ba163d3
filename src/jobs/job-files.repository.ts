import { readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Injectable, Logger } from '@nestjs/common';
import { Settings } from '../config/settings.js';
import { ensureFolder } from '../profiles/ensure-folder.js';
import { syncFolder, writeAtomically } from '../profiles/write-atomically.js';
import { readJob, writeJob } from './job.codec.js';
import type { Job } from './job.js';
import { JobsRepository } from './jobs.repository.js';

/** Hidden, and so no name that a machine's folder of profiles could have. */
const FOLDER = '.jobs';
const FILE_NAME = /^([0-9a-f-]{36})\.json$/;

/** Jobs as `.jobs/<id>.json` in the folder of profiles. */
@Injectable()
export class JobFilesRepository extends JobsRepository {
  private readonly logger = new Logger(JobFilesRepository.name);
  private readonly folder: string;

  constructor({ profilesDirectory }: Settings) {
    super();
    this.folder = join(profilesDirectory, FOLDER);
  }

  async load(): Promise<readonly Job[]> {
    const ids = (await this.names()).flatMap((name) => FILE_NAME.exec(name)?.[1] ?? []);
    const jobs = await Promise.all(ids.map((id) => this.read(id)));
    return jobs.filter((job) => job !== null).sort((left, right) => left.sequence - right.sequence);
  }

  async save(job: Job): Promise<void> {
    await ensureFolder(this.folder);
    await syncFolder(dirname(this.folder));
    await writeAtomically(this.pathOf(job.id), writeJob(job));
  }

  async remove(id: string): Promise<void> {
    await rm(this.pathOf(id), { force: true });
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
      const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : null;
      if (code !== 'ENOENT') this.logger.warn(`Earlier jobs could not be read: ${messageOf(error)}.`);
      return [];
    }
  }

  private pathOf(id: string): string {
    return join(this.folder, `${id}.json`);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
