import { ProcessMemory } from './process-memory.js';
import type { ProcessReader, ProcessReading } from './process-reader.js';

/**
 * Reads the process that it runs in. CPU time comes from `getrusage`, which counts ended threads too and in
 * microseconds; memory from `/proc/self/status` where there is one, else from Node, which knows no mark that can be
 * reset.
 */
export class OwnProcessReader implements ProcessReader {
  private readonly memory = new ProcessMemory('self');

  read(): ProcessReading {
    const { user, system } = process.cpuUsage();
    const cpuSeconds = (user + system) / 1e6;
    const { rssBytes, peakRssBytes } = this.memory.read();
    return { rssBytes: rssBytes ?? process.memoryUsage.rss(), peakRssBytes, cpuSeconds };
  }

  readRssBytes(): number {
    return process.memoryUsage.rss();
  }

  /** Pages of program files in the resident set, which the kernel takes back when it must; null where it does not tell. */
  readFileRssBytes(): number | null {
    return this.memory.readFileRssBytes();
  }

  /** As of {@link ProcessMemory.resetPeak}. */
  resetPeak(): boolean {
    return this.memory.resetPeak();
  }

  close(): void {
    this.memory.close();
  }
}
