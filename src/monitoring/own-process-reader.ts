import { writeFileSync } from 'node:fs';
import { kibibyteField, ProcFile } from './proc-file.js';
import type { ProcessReader, ProcessReading } from './process-reader.js';

/**
 * Reads the process that it runs in. CPU time comes from `getrusage`, which counts ended threads too and in
 * microseconds; memory from `/proc/self/status` where there is one, else from Node, which knows no mark that can be
 * reset.
 */
export class OwnProcessReader implements ProcessReader {
  private readonly status = openOwnStatus();

  read(): ProcessReading {
    const { user, system } = process.cpuUsage();
    const cpuSeconds = (user + system) / 1e6;
    const status = this.status?.read() ?? '';
    return {
      rssBytes: kibibyteField(status, 'VmRSS') ?? process.memoryUsage.rss(),
      peakRssBytes: kibibyteField(status, 'VmHWM'),
      cpuSeconds,
    };
  }

  readRssBytes(): number {
    return process.memoryUsage.rss();
  }

  /** Pages of program files in the resident set, which the kernel takes back when it must; null where it does not tell. */
  readFileRssBytes(): number | null {
    return kibibyteField(this.status?.read() ?? '', 'RssFile');
  }

  /**
   * Makes the present resident set the peak. False where the system cannot: then `peakRssBytes` is that of the whole
   * life of the process, or null.
   */
  resetPeak(): boolean {
    try {
      // 5 resets the high-water mark alone: proc_pid_clear_refs(5).
      writeFileSync('/proc/self/clear_refs', '5');
      return true;
    } catch {
      return false;
    }
  }

  close(): void {
    this.status?.close();
  }
}

function openOwnStatus(): ProcFile | null {
  try {
    return new ProcFile('/proc/self/status');
  } catch {
    return null;
  }
}
