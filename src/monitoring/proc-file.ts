import { closeSync, openSync, readSync } from 'node:fs';

const LARGEST_BYTES = 16_384;
const SPACE = 0x20;
const ZERO = 0x30;

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

  /**
   * A whole number of a line of such, separated by spaces, without a string being made; NaN where there is none.
   *
   * @throws as `read`
   */
  readNumber(index: number): number {
    if (this.descriptor === null) throw new Error('a file of /proc was read after it was closed');
    const length = readSync(this.descriptor, shared, 0, LARGEST_BYTES, 0);
    let [at, passed] = [0, 0];
    while (at < length && passed < index) if (shared[at++] === SPACE) passed++;
    let value = NaN;
    for (let digit = digitAt(at); digit !== null && at < length; digit = digitAt(++at)) {
      value = 10 * (Number.isNaN(value) ? 0 : value) + digit;
    }
    return value;
  }

  /** Closing again does nothing: the system may have given the descriptor's number to another file. */
  close(): void {
    if (this.descriptor !== null) closeSync(this.descriptor);
    this.descriptor = null;
  }
}

// One buffer serves all files: reading is synchronous, and its content is copied into a string at once.
const shared = Buffer.allocUnsafe(LARGEST_BYTES);

function digitAt(index: number): number | null {
  const digit = (shared[index] ?? 0) - ZERO;
  return digit >= 0 && digit <= 9 ? digit : null;
}

/** Bytes of a line such as `VmRSS:  1234 kB` (the system means KiB); null when there is no such line. */
export function kibibyteField(text: string, name: string): number | null {
  const lines = `\n${text}`;
  const label = `\n${name}:`;
  const start = lines.indexOf(label);
  if (start === -1) return null;
  const value = Number.parseInt(lines.slice(start + label.length), 10);
  return Number.isNaN(value) ? null : value * 1024;
}
