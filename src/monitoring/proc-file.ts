import { closeSync, openSync, readSync } from 'node:fs';

const LARGEST_BYTES = 16_384;

/**
 * A small file of `/proc`, read again and again through one descriptor: opening costs more than reading.
 * Only the first 16 KiB are read.
 */
export class ProcFile {
  // The descriptor names the process itself: after its number is given to another process, reading fails.
  private descriptor: number | null;

  /** @throws the system's error (`ENOENT`) where there is no such file. */
  constructor(path: string) {
    this.descriptor = openSync(path, 'r');
  }

  /** @throws the system's error (`ESRCH`) once the process or thread is gone; Error when it was closed. */
  read(): string {
    if (this.descriptor === null) throw new Error('a file of /proc was read after it was closed');
    const length = readSync(this.descriptor, shared, 0, LARGEST_BYTES, 0);
    return shared.toString('latin1', 0, length);
  }

  /** Closing again does nothing: the system may have given the descriptor's number to another file. */
  close(): void {
    if (this.descriptor !== null) closeSync(this.descriptor);
    this.descriptor = null;
  }
}

// One buffer serves all files: reading is synchronous, and its content is copied into a string at once.
const shared = Buffer.allocUnsafe(LARGEST_BYTES);

/** Bytes of a line such as `VmRSS:  1234 kB` (the system means KiB); null when there is no such line. */
export function kibibyteField(text: string, name: string): number | null {
  const lines = `\n${text}`;
  const label = `\n${name}:`;
  const start = lines.indexOf(label);
  if (start === -1) return null;
  const value = Number.parseInt(lines.slice(start + label.length), 10);
  return Number.isNaN(value) ? null : value * 1024;
}
