import { SAMPLING_INTERVAL_SECONDS } from './interval-sampler.js';
import { GridTimer } from './grid-timer.js';
import type { ProcessReader } from './process-reader.js';

interface CpuReading {
  readonly seconds: number;
  readonly cpuSeconds: number;
}

/** CPU time of a process over the time, between readings as if it had been used evenly. */
export class CpuCurve {
  private readonly readings: CpuReading[] = [];

  /** @param seconds later than those before */
  add(seconds: number, cpuSeconds: number): void {
    this.readings.push({ seconds, cpuSeconds });
  }

  /** Null where one of the two was before the first reading or after the last. */
  cpuSecondsBetween(begin: number, end: number): number | null {
    const [before, after] = [this.at(begin), this.at(end)];
    return before === null || after === null ? null : after - before;
  }

  private at(seconds: number): number | null {
    const index = this.readings.findIndex((reading) => reading.seconds >= seconds);
    const [earlier, later] = [this.readings[index - 1], this.readings[index]];
    if (later === undefined) return null;
    if (later.seconds === seconds) return later.cpuSeconds;
    if (earlier === undefined) return null;
    const share = (seconds - earlier.seconds) / (later.seconds - earlier.seconds);
    return earlier.cpuSeconds + share * (later.cpuSeconds - earlier.cpuSeconds);
  }
}

/** Reads the CPU time of a process from outside every 10 ms, from `start` to `stop`. */
export class CpuCurveSampler {
  private readonly curve = new CpuCurve();
  private readonly timer = new GridTimer(SAMPLING_INTERVAL_SECONDS, () => this.sample());

  /** @param clock in seconds */
  constructor(
    private readonly reader: Pick<ProcessReader, 'read'>,
    private readonly clock: () => number,
  ) {}

  start(): void {
    this.sample();
    this.timer.start();
  }

  /** Takes a last reading; calling it again changes nothing. */
  stop(): CpuCurve {
    if (this.timer.stop()) this.sample();
    return this.curve;
  }

  private sample(): void {
    const reading = this.reader.read();
    if (reading !== null) this.curve.add(this.clock(), reading.cpuSeconds);
  }
}
