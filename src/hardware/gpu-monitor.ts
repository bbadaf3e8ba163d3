import { type GpuReading, GpuStream } from './gpu-stream.js';
import type { NvidiaSmi } from './nvidia-smi.js';
import { StreamKeeper, type StreamTiming } from './stream-keeper.js';

export interface GpuMonitorTiming extends StreamTiming {
  /** Between two answers; the driver itself looks 1 to 6 times a second. */
  readonly intervalSeconds: number;
}

const TIMING: GpuMonitorTiming = { intervalSeconds: 0.2, patienceSeconds: 5, idleSeconds: 10 };

const UNKNOWN: GpuReading = { index: null, usedMemoryBytes: null, utilizationPercent: null };

/** Tells what the GPUs are doing. */
export class GpuMonitor {
  private readonly streams: StreamKeeper<GpuStream>;

  /** @param onProblem told why there are no readings; not again while that stays the same. */
  constructor(
    private readonly program: NvidiaSmi,
    onProblem: (problem: string) => void,
    private readonly timing: GpuMonitorTiming = TIMING,
  ) {
    this.streams = new StreamKeeper(timing, onProblem);
  }

  /**
   * In the order of `gpus`, which are `uuid`s. Nothing is started where there are none.
   * @param notBefore what was told before, by the monotonic clock in milliseconds, is not known
   */
  async read(gpus: readonly string[], notBefore = -Infinity): Promise<readonly GpuReading[]> {
    if (gpus.length === 0) return [];
    const readings = await this.streams.ask(
      () => new GpuStream(this.program, this.timing.intervalSeconds, gpus),
      (stream, since) => gpus.map((uuid) => stream.reading(uuid, Math.max(since, notBefore)) ?? UNKNOWN),
    );
    return readings ?? gpus.map(() => UNKNOWN);
  }

  /** Ends the program. Readings after this are unknown. */
  close(): void {
    this.streams.close();
  }
}
