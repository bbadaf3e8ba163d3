import { type CpuCurve, CpuCurveSampler } from '../monitoring/cpu-curve.js';
import { IntervalSampler, type SamplingResult } from '../monitoring/interval-sampler.js';
import { openProcessReader } from '../monitoring/proc-process-reader.js';
import type { ProcessReader } from '../monitoring/process-reader.js';
import type { GpuFigures, GpuWatch } from '../hardware/gpu-watch.js';
import type { DisturbanceCounters } from './disturbances.js';
import type { ChildMessage } from './protocol.js';

/** What was seen of the timed steps from outside the measuring process. */
export interface OutsideFigures {
  readonly before: DisturbanceCounters;
  readonly after: DisturbanceCounters;
  readonly wallSeconds: number;
  /** Interval monitoring only, and where other processes can be read. */
  readonly sampling: SamplingResult | null;
  /** Null on a CPU, and where the driver knows no such GPU. */
  readonly gpu: GpuFigures | null;
}

/** Clock of the traced steps, of this process as of the measuring one. */
function monotonicSeconds(): number {
  return Number(process.hrtime.bigint()) / 1e9;
}

interface Begun {
  readonly disturbances: DisturbanceCounters;
  readonly milliseconds: number;
}

/**
 * Watches a measuring process from the service, from its first message of phase `timing` to the first of another
 * phase: what building, loading and warming up need is not what a step needs. When it asks for that, its CPU time is
 * followed to its end, of which the trace alone tells to what phase of a step it belongs; while a step is divided by the
 * trace it is left alone, since looking takes the processor from it.
 */
export class OutsideView {
  private process: ProcessReader | null = null;
  private sampler: IntervalSampler | null = null;
  private watching: CpuCurveSampler | null = null;
  private begun: Begun | null = null;
  private seen: OutsideFigures | null = null;
  /** Null: the measuring process itself. */
  private computingPid: number | null = null;

  /**
   * @param samplingIntervalSeconds null: no samples
   * @param allowedCores that utilisation is a percentage of
   * @param gpuWatch of the GPU that is computed on, which is not closed here
   */
  constructor(
    private readonly disturbances: () => DisturbanceCounters,
    private readonly samplingIntervalSeconds: number | null,
    private readonly allowedCores: number,
    private readonly gpuWatch: Pick<GpuWatch, 'watches' | 'begin' | 'end'> | null = null,
  ) {}

  follow(message: ChildMessage, pid: number): void {
    if (message.type === 'ready') this.gpuWatch?.watches(pid);
    if (message.type === 'computing') {
      this.computingPid = message.pid;
      this.gpuWatch?.watches(message.pid);
    }
    const timing = message.type === 'progress' && message.phase === 'timing';
    if (timing && this.begun === null) this.begun = this.begin(this.computingPid ?? pid);
    if (!timing && this.begun !== null && this.seen === null) {
      this.seen = this.end(this.begun);
    }
    if (message.type === 'watch-cpu') this.followCpu();
  }

  /** Null when the child never said that it times steps. */
  get figures(): OutsideFigures | null {
    return this.seen;
  }

  /** @returns CPU time of the measuring process since it asked; null where it did not, or where other processes cannot be read */
  endWatching(): CpuCurve | null {
    return this.watching?.stop() ?? null;
  }

  /** Stops watching; to be called whatever became of the measurement. */
  close(): void {
    this.sampler?.stop();
    this.watching?.stop();
    this.process?.close();
    this.process = null;
  }

  private begin(pid: number): Begun {
    this.gpuWatch?.begin();
    this.process = openProcessReader(pid);
    if (this.process !== null && this.samplingIntervalSeconds !== null) {
      this.sampler = new IntervalSampler(this.process, this.allowedCores, this.samplingIntervalSeconds);
      this.sampler.start();
    }
    return {
      disturbances: this.disturbances(),
      milliseconds: performance.now(),
    };
  }

  private followCpu(): void {
    if (this.process === null) return;
    this.watching = new CpuCurveSampler(this.process, monotonicSeconds);
    this.watching.start();
  }

  private end(begun: Begun): OutsideFigures {
    return {
      before: begun.disturbances,
      after: this.disturbances(),
      wallSeconds: (performance.now() - begun.milliseconds) / 1000,
      sampling: this.sampler?.stop() ?? null,
      gpu: this.gpuWatch?.end() ?? null,
    };
  }
}
