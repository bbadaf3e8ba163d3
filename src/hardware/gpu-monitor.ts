import { setTimeout as after } from 'node:timers/promises';
import { type GpuReading, GpuStream } from './gpu-stream.js';
import type { NvidiaSmi } from './nvidia-smi.js';

export interface GpuMonitorTiming {
  /** Between two answers; the driver itself looks 1 to 6 times a second. */
  readonly intervalSeconds: number;
  /** Until the first answer, and that an answer may be old. */
  readonly patienceSeconds: number;
  /** After the last question, when the program is ended: it would disturb what is measured. */
  readonly idleSeconds: number;
}

const TIMING: GpuMonitorTiming = { intervalSeconds: 0.2, patienceSeconds: 5, idleSeconds: 10 };

const UNKNOWN: GpuReading = { usedMemoryBytes: null, utilizationPercent: null };

/**
 * Tells what the GPUs are doing, from one program that is started with the first question and answers all that follow
 * soon after: starting it for each would take up to seconds.
 */
export class GpuMonitor {
  private stream: GpuStream | null = null;
  private idle: NodeJS.Timeout | undefined;
  private toldProblem: string | null = null;
  private closed = false;

  /** @param onProblem told why there are no readings; not again while that stays the same. */
  constructor(
    private readonly program: NvidiaSmi,
    private readonly onProblem: (problem: string) => void,
    private readonly timing: GpuMonitorTiming = TIMING,
  ) {}

  /** In the order of `gpus`, which are `uuid`s. Nothing is started where there are none. */
  async read(gpus: readonly string[]): Promise<readonly GpuReading[]> {
    if (gpus.length === 0 || this.closed) return gpus.map(() => UNKNOWN);
    const { intervalSeconds, patienceSeconds } = this.timing;
    const stream = (this.stream ??= new GpuStream(this.program, intervalSeconds, gpus));
    this.endWhenIdle();
    // A stream that has begun is not waited for: `firstRound` is settled.
    const waiting = new AbortController();
    await Promise.race([
      stream.firstRound,
      after(patienceSeconds * 1000, undefined, { signal: waiting.signal }).catch(() => undefined),
    ]);
    waiting.abort();
    const since = performance.now() - patienceSeconds * 1000;
    const readings = gpus.map((uuid) => stream.reading(uuid, since));
    if (readings.every((reading) => reading === null)) stream.kill(`it told nothing for ${patienceSeconds} s`);
    this.look(stream);
    return readings.map((reading) => reading ?? UNKNOWN);
  }

  /** Ends the program. Readings after this are unknown. */
  close(): void {
    this.closed = true;
    clearTimeout(this.idle);
    this.end('the service ends');
  }

  /** A stream that has ended serves nobody any more: the next question starts another one. */
  private look(stream: GpuStream): void {
    if (stream.ended !== null && this.stream === stream) this.stream = null;
    if (this.closed) return;
    if (stream.ended !== null && stream.ended !== this.toldProblem) this.onProblem(stream.ended);
    this.toldProblem = stream.ended;
  }

  private endWhenIdle(): void {
    clearTimeout(this.idle);
    this.idle = setTimeout(() => this.end('nobody asks'), this.timing.idleSeconds * 1000).unref();
  }

  private end(reason: string): void {
    this.stream?.kill(reason);
    this.stream = null;
  }
}
