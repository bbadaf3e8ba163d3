import { abandon, bytesOf, endOf, numberOf, type NvidiaSmi, parseRow } from './nvidia-smi.js';

/** What a GPU is doing, all processes together; null where it does not tell. */
export interface GpuReading {
  readonly usedMemoryBytes: number | null;
  /** Share of the last sampling period, of up to a second by the driver's choice, in which any kernel ran. */
  readonly utilizationPercent: number | null;
}

const FIELDS = ['uuid', 'memory.used', 'utilization.gpu'] as const;
/** Longer than any line of an answer: what has no end by then is none. */
const LONGEST_LINE = 4096;

/** One run of the program that answers again and again, from its start to its end. */
export class GpuStream {
  private readonly child: ReturnType<NvidiaSmi['follow']>;
  private readonly readings = new Map<string, GpuReading & { readonly milliseconds: number }>();
  private rest = '';
  private lastMessage: string | null = null;
  private begun: () => void = () => undefined;
  private reason: string | null = null;
  /** Settles when every GPU has been told of once, or there is nothing more to wait for. */
  readonly firstRound = new Promise<void>((resolve) => (this.begun = resolve));

  /** @param gpus that a round is complete with. */
  constructor(
    program: NvidiaSmi,
    intervalSeconds: number,
    private readonly gpus: readonly string[],
  ) {
    this.child = program.follow(FIELDS, intervalSeconds);
    this.child.stdout.setEncoding('utf8').on('data', (chunk: string) => this.receive(chunk));
    this.child.on('error', (error) => this.finish(error.message));
    this.child.once('close', (exitCode, signal) => {
      const end = endOf(exitCode, signal);
      this.finish(this.lastMessage === null ? end : `${end}; ${this.lastMessage}`);
    });
  }

  /** Why the program has ended; null while it runs. */
  get ended(): string | null {
    return this.reason;
  }

  /** Null for a GPU that was not told of since then, so that what hangs is not taken for what stands still. */
  reading(uuid: string, sinceMilliseconds: number): GpuReading | null {
    const found = this.readings.get(uuid);
    if (found === undefined || found.milliseconds < sinceMilliseconds) return null;
    return { usedMemoryBytes: found.usedMemoryBytes, utilizationPercent: found.utilizationPercent };
  }

  kill(reason: string): void {
    this.finish(reason);
    abandon(this.child);
  }

  private receive(chunk: string): void {
    const lines = (this.rest + chunk).split('\n');
    // The last one has not ended yet. Where the program dies before that, it is never read: 12 may have become 1234.
    this.rest = (lines.pop() ?? '').slice(0, LONGEST_LINE);
    for (const line of lines) this.take(line.trim());
  }

  private take(line: string): void {
    const row = parseRow(line, FIELDS);
    if (row === null) {
      if (line !== '') this.lastMessage = line;
      return;
    }
    // A second line of a GPU before the first of another: that one is not told of.
    const isNextRound = this.readings.has(row.uuid);
    this.readings.set(row.uuid, {
      usedMemoryBytes: bytesOf(row['memory.used']),
      utilizationPercent: numberOf(row['utilization.gpu']),
      milliseconds: performance.now(),
    });
    if (isNextRound || this.gpus.every((uuid) => this.readings.has(uuid))) this.begun();
  }

  private finish(reason: string): void {
    this.reason ??= reason;
    this.begun();
  }
}
