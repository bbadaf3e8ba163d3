import { writeFileSync } from 'node:fs';
import { kibibyteField, ProcFile } from './proc-file.js';

/** Memory of one process by Linux's `/proc`; everything is null where there is none. */
export class ProcessMemory {
  private readonly status: ProcFile | null;

  constructor(private readonly pid: number | 'self') {
    this.status = opened(`/proc/${pid}/status`);
  }

  read(): { readonly rssBytes: number | null; readonly peakRssBytes: number | null } {
    const status = this.text();
    return { rssBytes: kibibyteField(status, 'VmRSS'), peakRssBytes: kibibyteField(status, 'VmHWM') };
  }

  /** Pages of program files in the resident set, which the kernel takes back when it must. */
  readFileRssBytes(): number | null {
    return kibibyteField(this.text(), 'RssFile');
  }

  /**
   * Makes the present resident set the peak. False where the system cannot: then `peakRssBytes` is that of the whole
   * life of the process, or null.
   */
  resetPeak(): boolean {
    try {
      // 5 resets the high-water mark alone: proc_pid_clear_refs(5).
      writeFileSync(`/proc/${this.pid}/clear_refs`, '5');
      return true;
    } catch {
      return false;
    }
  }

  close(): void {
    this.status?.close();
  }

  private text(): string {
    try {
      return this.status?.read() ?? '';
    } catch {
      // The process has ended.
      return '';
    }
  }
}

function opened(path: string): ProcFile | null {
  try {
    return new ProcFile(path);
  } catch {
    return null;
  }
}
