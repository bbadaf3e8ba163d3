import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Logger } from '@nestjs/common';
import { choice, object, text } from '../common/codec.js';
import { ensureFolder } from './ensure-folder.js';
import { isSafeName } from './safe-name.js';
import { operatorCostsCodec, spansCodec, traceSummaryCodec } from './step-trace.codec.js';
import type { StepTrace } from './step-trace.js';
import { hasCode, messageOf, ProfileStorageError } from './storage.error.js';
import { removeAllLeftovers, syncFolder, writeAtomically } from './write-atomically.js';

/** Raised when a file of an earlier version can no longer be read as it stands. */
const TRACE_SCHEMA_VERSION = 1;
const EXTENSION = '.json';

/** A trace is written before the measurement that it belongs to, which may have to wait for the profile's lock. */
const ORPHAN_SECONDS = 600;

interface TraceFile extends StepTrace {
  readonly schemaVersion: typeof TRACE_SCHEMA_VERSION;
  readonly measurementId: string;
}

const traceFileCodec = object<TraceFile>({
  schemaVersion: choice([TRACE_SCHEMA_VERSION]),
  measurementId: text(),
  summary: traceSummaryCodec,
  timeline: spansCodec,
  costs: operatorCostsCodec,
});

/**
 * Traces as `<machine>/traces/<measurement id>.json`: apart from profiles, which are read whole for each request. A
 * measurement is worth having without its trace, so what goes wrong here is logged and no more.
 */
export class TraceFiles {
  private readonly logger = new Logger(TraceFiles.name);

  constructor(private readonly profilesDirectory: string) {}

  /** Null where there is none, or none that can be read. */
  async find(machineId: string, measurementId: string): Promise<StepTrace | null> {
    const path = this.pathOf(machineId, measurementId);
    if (path === null) return null;
    try {
      const content = await readFile(path, 'utf8');
      const { summary, timeline, costs } = traceFileCodec.decode(JSON.parse(content), 'trace');
      return { summary, timeline, costs };
    } catch (error) {
      if (!hasCode(error, 'ENOENT', 'ENOTDIR')) this.warn(path, 'could not be read', error);
      return null;
    }
  }

  /** When the promise resolves, the trace outlives a crash, or a warning says that there is none. */
  async keep(machineId: string, measurementId: string, trace: StepTrace): Promise<void> {
    const path = this.pathOf(machineId, measurementId);
    if (path === null) return;
    const file = { schemaVersion: TRACE_SCHEMA_VERSION, measurementId, ...trace } as const;
    try {
      const folder = dirname(path);
      await ensureFolder(folder);
      await syncFolder(dirname(folder));
      await writeAtomically(path, `${JSON.stringify(traceFileCodec.encode(file))}\n`);
    } catch (error) {
      this.logger.warn(
        `The measurement ${measurementId} is kept without its trace. ${ProfileStorageError.of(error, path).message}`,
      );
    }
  }

  async remove(machineId: string, measurementId: string): Promise<void> {
    const path = this.pathOf(machineId, measurementId);
    if (path === null) return;
    try {
      await rm(path, { force: true });
    } catch (error) {
      this.warn(path, 'could not be deleted', error);
    }
  }

  /**
   * Removes what killed processes have left: files that were not written to their end, and traces whose measurement
   * never came.
   *
   * @param measurementIds all that the machine has; null where that is not known, and no trace may go
   */
  async sweep(machineId: string, measurementIds: ReadonlySet<string> | null): Promise<void> {
    if (!isSafeName(machineId)) return;
    const folder = this.folderOf(machineId);
    await removeAllLeftovers(folder);
    if (measurementIds === null) return;
    for (const name of await readdir(folder).catch(() => [])) {
      if (!name.endsWith(EXTENSION)) continue;
      const id = name.slice(0, -EXTENSION.length);
      if (measurementIds.has(id) || !(await isOlder(join(folder, name), ORPHAN_SECONDS))) continue;
      await this.remove(machineId, id);
    }
  }

  private folderOf(machineId: string): string {
    return join(this.profilesDirectory, machineId, 'traces');
  }

  private pathOf(machineId: string, measurementId: string): string | null {
    return isSafeName(machineId) && isSafeName(measurementId)
      ? join(this.folderOf(machineId), `${measurementId}${EXTENSION}`)
      : null;
  }

  private warn(path: string, what: string, error: unknown): void {
    this.logger.warn(`The trace ${path} ${what}: ${messageOf(error)}.`);
  }
}

async function isOlder(path: string, seconds: number): Promise<boolean> {
  try {
    return Date.now() - (await stat(path)).mtimeMs > seconds * 1000;
  } catch {
    return false;
  }
}
