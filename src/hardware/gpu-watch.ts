import { setTimeout as after } from 'node:timers/promises';
import { FigureSeries } from './figure-series.js';
import type { GpuMonitor } from './gpu-monitor.js';
import type { GpuProcessMonitor } from './gpu-process-monitor.js';
import type { GpuReading } from './gpu-stream.js';

/** As often as the program tells of GPUs. */
const INTERVAL_MS = 200;
/** Of the slower one, which tells once a second, two readings were missed then: it hangs. */
const STALE_MS = 2500;

/** What was seen of one GPU, and of one process on it; null where not all of it was seen. */
export interface GpuFigures {
  /** In use by all processes together, and by the driver, before anything of the workload was there. */
  readonly deviceUsedBeforeBytes: number | null;
  readonly deviceUsedPeakBytes: number | null;
  /** Of the process, its context and libraries included. */
  readonly processPeakBytes: number | null;
  readonly deviceMeanPercent: number | null;
  readonly devicePeakPercent: number | null;
  readonly processMeanPercent: number | null;
  readonly processPeakPercent: number | null;
}

/**
 * Follows what one process does with one GPU, from `begin` to `end`. It never waits for the driver: of one that hangs the
 * figures are null, and the measurement takes no longer. The programs it asks run from its start, since they take up to
 * seconds to begin.
 */
export class GpuWatch {
  private readonly closing = new AbortController();
  private readonly device = new Usage();
  private readonly process = new Usage();
  /** Null: nothing is recorded. */
  private beganAt: number | null = null;
  private pid: number | null = null;
  /** Of the GPU among those of the program: the reading that tells it may be from before the beginning. */
  private index: number | null = null;

  private constructor(
    private readonly uuid: string,
    private readonly gpus: GpuMonitor,
    private readonly processes: GpuProcessMonitor,
    private readonly deviceUsedBeforeBytes: number | null,
  ) {}

  /** To be called before anything is started that uses the GPU. */
  static async start(uuid: string, gpus: GpuMonitor, processes: GpuProcessMonitor): Promise<GpuWatch> {
    const [reading] = await gpus.read([uuid]);
    const watch = new GpuWatch(uuid, gpus, processes, reading?.usedMemoryBytes ?? null);
    void watch.follow();
    return watch;
  }

  /** The process that is followed; another one from now on, where there was one before. */
  watches(pid: number): void {
    this.pid = pid;
  }

  begin(): void {
    this.beganAt = performance.now();
  }

  end(): GpuFigures {
    this.beganAt = null;
    return {
      deviceUsedBeforeBytes: this.deviceUsedBeforeBytes,
      deviceUsedPeakBytes: this.device.bytes.peak,
      processPeakBytes: this.process.bytes.peak,
      deviceMeanPercent: this.device.percent.mean,
      devicePeakPercent: this.device.percent.peak,
      processMeanPercent: this.process.percent.mean,
      processPeakPercent: this.process.percent.peak,
    };
  }

  close(): void {
    this.beganAt = null;
    this.closing.abort();
  }

  private async follow(): Promise<void> {
    const { signal } = this.closing;
    while (!signal.aborted) {
      await this.look();
      await after(INTERVAL_MS, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  private async look(): Promise<void> {
    const { beganAt, pid } = this;
    const since = Math.max(beganAt ?? -Infinity, performance.now() - STALE_MS);
    const [gpu] = await this.gpus.read([this.uuid], since);
    this.index = gpu?.index ?? this.index;
    const [ofGpu] = await this.processes.read([this.index], pid === null ? [] : [pid], since);
    // It may have ended, or begun, while the programs were waited for.
    if (beganAt === null || this.beganAt !== beganAt) return;
    this.device.add(gpu);
    this.process.add(ofGpu?.[0]);
  }
}

/** Memory and utilisation, which one program tells together. */
class Usage {
  readonly bytes = new FigureSeries();
  readonly percent = new FigureSeries();
  private isBegun = false;

  add(reading: Pick<GpuReading, 'usedMemoryBytes' | 'utilizationPercent'> | undefined): void {
    const { usedMemoryBytes = null, utilizationPercent = null } = reading ?? {};
    const isTold = usedMemoryBytes !== null || utilizationPercent !== null;
    // Before its first reading a program has only not told yet.
    if (!isTold && this.isBegun) {
      this.bytes.lose();
      this.percent.lose();
    }
    this.isBegun ||= isTold;
    this.bytes.add(usedMemoryBytes);
    this.percent.add(utilizationPercent);
  }
}
