import { readlinkSync } from 'node:fs';
import { type GpuProcessReading, GpuProcessStream } from './gpu-process-stream.js';
import type { NvidiaSmi } from './nvidia-smi.js';
import { StreamKeeper, type StreamTiming } from './stream-keeper.js';

/** The program looks once a second and no more often. */
const TIMING: StreamTiming = { patienceSeconds: 5, idleSeconds: 10 };

const UNKNOWN: GpuProcessReading = { usedMemoryBytes: null, utilizationPercent: null };

/** `PROC_PID_INIT_INO` of the kernel's `include/linux/proc_ns.h`: where no process is in a namespace of its own. */
const INITIAL_NAMESPACE = 'pid:[4026531836]';

export interface ProcessOnGpu extends GpuProcessReading {
  readonly pid: number;
}

/** Tells what single processes do with the GPUs. */
export class GpuProcessMonitor {
  private readonly streams: StreamKeeper<GpuProcessStream>;

  /**
   * @param onProblem told why there are no readings; not again while that stays the same.
   * @param knowsPidsOfHost whether this process numbers processes as the driver does.
   */
  constructor(
    private readonly program: NvidiaSmi,
    onProblem: (problem: string) => void,
    private readonly knowsPidsOfHost: boolean = hasPidsOfHost(),
    timing: StreamTiming = TIMING,
  ) {
    this.streams = new StreamKeeper(timing, onProblem);
  }

  /**
   * By GPU, in the order of `gpus`, which are indices, and in that by process, in the order of `pids`. Nothing is
   * started where there is none of either, nor in a container: the driver's numbers may be those of other processes
   * there, whose figures would be taken for the job's.
   * @param notBefore what was told before, by the monotonic clock in milliseconds, is not known
   */
  async read(
    gpus: readonly (number | null)[],
    pids: readonly number[],
    notBefore = -Infinity,
  ): Promise<readonly ProcessOnGpu[][]> {
    const unknown = gpus.map(() => pids.map((pid) => ({ pid, ...UNKNOWN })));
    if (gpus.length === 0 || pids.length === 0 || !this.knowsPidsOfHost) return unknown;
    const readings = await this.streams.ask(
      () => new GpuProcessStream(this.program, gpus.length),
      (stream, since) =>
        gpus.map((gpu) =>
          pids.map((pid) => ({
            pid,
            ...((gpu === null ? null : stream.reading(gpu, pid, Math.max(since, notBefore))) ?? UNKNOWN),
          })),
        ),
    );
    return readings ?? unknown;
  }

  /** Ends the program. Readings after this are unknown. */
  close(): void {
    this.streams.close();
  }
}

/** Newer drivers translate numbers into those of a container, older ones do not, and none says which. */
export function hasPidsOfHost(): boolean {
  if (process.platform !== 'linux') return true;
  try {
    return readlinkSync('/proc/self/ns/pid') === INITIAL_NAMESPACE;
  } catch {
    return false;
  }
}
