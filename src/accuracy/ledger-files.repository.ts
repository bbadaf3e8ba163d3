import { open, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { Settings } from '../config/settings.js';
import { ExclusiveWrites } from '../profiles/exclusive-writes.js';
import { isSafeName } from '../profiles/safe-name.js';
import { hasCode, messageOf, ProfileStorageError } from '../profiles/storage.error.js';
import { syncFolder } from '../profiles/write-atomically.js';
import { ledgerEntryCodec, type LedgerEntry } from './ledger-entry.js';
import { LedgerRepository } from './ledger.repository.js';

interface Reading {
  /** Of the file that was read; another one means that something was added since. */
  readonly stamp: string;
  readonly entries: readonly LedgerEntry[];
}

/** The ledger as `<machine>/ledger.ndjson` in the folder of profiles, a line for each entry. */
@Injectable()
export class LedgerFilesRepository extends LedgerRepository implements OnApplicationShutdown {
  private readonly logger = new Logger(LedgerFilesRepository.name);
  private readonly writes = new ExclusiveWrites();
  private readonly readings = new Map<string, Reading>();
  /** Lines that were told of: the whole file is read again whenever one was added. */
  private readonly told = new Set<string>();

  constructor(private readonly settings: Settings) {
    super();
  }

  async append(machineId: string, entry: LedgerEntry): Promise<void> {
    const path = this.pathOf(machineId);
    if (path === null) {
      throw ProfileStorageError.of(new Error(`no ledger can be kept of machine "${machineId}"`), machineId);
    }
    const line = `${JSON.stringify(ledgerEntryCodec.encode(entry))}\n`;
    await this.writes.run(path, async (assertHeld) => {
      await assertHeld();
      await appendDurably(path, line);
    });
  }

  async read(machineId: string): Promise<readonly LedgerEntry[]> {
    const path = this.pathOf(machineId);
    if (path === null) return [];
    try {
      const stamp = await stampOf(path);
      let reading = this.readings.get(path);
      if (reading?.stamp !== stamp) {
        reading = { stamp, entries: this.entriesIn(path, await readFile(path, 'utf8')) };
        this.readings.set(path, reading);
      }
      return reading.entries;
    } catch (error) {
      if (hasCode(error, 'ENOENT', 'ENOTDIR')) return [];
      throw ProfileStorageError.of(error, path);
    }
  }

  /** A comparison that just ended belongs on the disk before the process ends. */
  async onApplicationShutdown(): Promise<void> {
    await this.writes.settled();
  }

  /** What a crash has cut off, or somebody has edited, costs the lines that it is in. */
  private entriesIn(path: string, content: string): readonly LedgerEntry[] {
    const entries: LedgerEntry[] = [];
    for (const [index, line] of content.split('\n').entries()) {
      if (line === '') continue;
      try {
        entries.push(ledgerEntryCodec.decode(JSON.parse(line), 'entry'));
      } catch (error) {
        const message = `${path}: line ${index + 1} cannot be read and is passed over: ${messageOf(error)}`;
        if (!this.told.has(message)) this.logger.warn(message);
        this.told.add(message);
      }
    }
    return entries;
  }

  private pathOf(machineId: string): string | null {
    return isSafeName(machineId) ? join(this.settings.profilesDirectory, machineId, 'ledger.ndjson') : null;
  }
}

/** A line that a crash has cut off gets an end first, so that it does not take the next one with it. */
async function appendDurably(path: string, line: string): Promise<void> {
  const file = await open(path, 'a+');
  try {
    const { size } = await file.stat();
    const { buffer } = await file.read(Buffer.alloc(1), 0, 1, Math.max(0, size - 1));
    const isCutOff = size > 0 && buffer.toString() !== '\n';
    await file.appendFile(isCutOff ? `\n${line}` : line);
    await file.sync();
  } finally {
    await file.close();
  }
  await syncFolder(dirname(path));
}

async function stampOf(path: string): Promise<string> {
  const { mtimeMs, size, ino } = await stat(path);
  return [mtimeMs, size, ino].join('/');
}
