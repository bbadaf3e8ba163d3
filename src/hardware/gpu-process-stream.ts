import { bytesOf, numberOf, type NvidiaSmi } from './nvidia-smi.js';
import { NvidiaSmiStream } from './nvidia-smi-stream.js';

/** What one process does with one GPU; null where the driver does not tell. */
export interface GpuProcessReading {
  readonly usedMemoryBytes: number | null;
  /** Share of the program's last interval, of a second, in which a kernel of this process ran. */
  readonly utilizationPercent: number | null;
}

const NOTHING = '-';

/**
 * Tells of the processes on each GPU, as `nvidia-smi pmon -h` and nvidia-smi(1) describe it: a heading whose columns
 * become more with each version of the driver, a line for each process and GPU, or one of dashes for a GPU without
 * processes; the heading again now and then. Memory (`fb`) is in MiB, which the heading calls MB, time (`sm`) in
 * percent.
 */
export class GpuProcessStream extends NvidiaSmiStream {
  private columns: readonly string[] = [];
  private readonly gpus = new Set<string>();
  private readonly readings = new Map<string, { readonly reading: GpuProcessReading; readonly milliseconds: number }>();

  /** @param count of GPUs that a round is complete with. */
  constructor(
    program: NvidiaSmi,
    private readonly count: number,
  ) {
    super(program.followProcesses());
  }

  /** Null for a process that was not told of since then: it may have nothing there, or be hidden. */
  reading(gpu: number, pid: number, sinceMilliseconds: number): GpuProcessReading | null {
    const found = this.readings.get(keyOf(String(gpu), String(pid)));
    return found === undefined || found.milliseconds < sinceMilliseconds ? null : found.reading;
  }

  protected override take(line: string): boolean {
    if (line.startsWith('#')) {
      // The second line of a heading has the units.
      if (/^#\s*gpu\s/.test(line)) this.columns = line.replace('#', '').trim().split(/\s+/);
      return true;
    }
    const cells = line.split(/\s+/);
    const cell = (column: string): string | null => {
      const text = cells[this.columns.indexOf(column)];
      return text === undefined || text === NOTHING ? null : text;
    };
    const gpu = cell('gpu');
    // The name of the command comes last and may have spaces; all before it are single words.
    if (gpu === null || numberOf(gpu) === null || cells.length < this.columns.length) return false;
    const pid = cell('pid');
    const key = keyOf(gpu, pid ?? NOTHING);
    const isNextRound = this.readings.has(key);
    const reading = { usedMemoryBytes: bytesOf(cell('fb')), utilizationPercent: numberOf(cell('sm')) };
    this.readings.set(key, { reading, milliseconds: performance.now() });
    this.gpus.add(gpu);
    if (isNextRound || this.gpus.size >= this.count) this.begun();
    return true;
  }
}

function keyOf(gpu: string, pid: string): string {
  return `${gpu}/${pid}`;
}
