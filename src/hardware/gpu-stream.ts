import { bytesOf, numberOf, type NvidiaSmi, parseRow } from './nvidia-smi.js';
import { NvidiaSmiStream } from './nvidia-smi-stream.js';

/** What a GPU is doing, all processes together; null where it does not tell. */
export interface GpuReading {
  /** The program's number of the GPU, by which alone it tells of processes. */
  readonly index: number | null;
  readonly usedMemoryBytes: number | null;
  /** Share of the last sampling period, of up to a second by the driver's choice, in which any kernel ran. */
  readonly utilizationPercent: number | null;
}

const FIELDS = ['uuid', 'index', 'memory.used', 'utilization.gpu'] as const;

/** Tells of whole GPUs. */
export class GpuStream extends NvidiaSmiStream {
  private readonly readings = new Map<string, { readonly reading: GpuReading; readonly milliseconds: number }>();

  /** @param gpus that a round is complete with. */
  constructor(
    program: NvidiaSmi,
    intervalSeconds: number,
    private readonly gpus: readonly string[],
  ) {
    super(program.follow(FIELDS, intervalSeconds));
  }

  /** Null for a GPU that was not told of since then. */
  reading(uuid: string, sinceMilliseconds: number): GpuReading | null {
    const found = this.readings.get(uuid);
    return found === undefined || found.milliseconds < sinceMilliseconds ? null : found.reading;
  }

  protected override take(line: string): boolean {
    const row = parseRow(line, FIELDS);
    if (row === null) return false;
    // A second line of a GPU before the first of another: that one is not told of.
    const isNextRound = this.readings.has(row.uuid);
    const reading = {
      index: numberOf(row.index),
      usedMemoryBytes: bytesOf(row['memory.used']),
      utilizationPercent: numberOf(row['utilization.gpu']),
    };
    this.readings.set(row.uuid, { reading, milliseconds: performance.now() });
    if (isNextRound || this.gpus.every((uuid) => this.readings.has(uuid))) this.begun();
    return true;
  }
}
