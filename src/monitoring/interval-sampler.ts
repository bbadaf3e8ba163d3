import type { Sample } from '../profiles/measurement.js';
import { CpuWindows } from './cpu-windows.js';
import { GridTimer } from './grid-timer.js';
import type { ProcessReader } from './process-reader.js';
import { thinSamples } from './thin-samples.js';

export const SAMPLING_INTERVAL_SECONDS = 0.01;
const STORED_SAMPLES = 200;
/**
 * CPU time is read less often than memory: its windows are of 100 ms at least, and looking at each thread takes ten times
 * as long as memory does, in which the measured process cannot have the core.
 */
const CPU_INTERVAL_SECONDS = 0.05;

/** What sampling saw; peaks are of all samples, also of those not stored. */
export interface SamplingResult {
  readonly samples: readonly Sample[];
  /** Null when the process ended before the first sample. */
  readonly peakRssBytes: number | null;
  /** Highest over windows of at least 100 ms, 0 to 100; null before the second sample. */
  readonly cpuPeakPercent: number | null;
  /** 0 to 100; null before the second sample. */
  readonly cpuMeanPercent: number | null;
}

interface RawSample {
  readonly seconds: number;
  readonly rssBytes: number;
  /** Null until the first window is full. */
  readonly cpuPercent: number | null;
}

/** Samples a process from outside at a fixed interval, from `start` to `stop`. */
export class IntervalSampler {
  private readonly raw: RawSample[] = [];
  private readonly cpu: CpuWindows;
  private peakRssBytes: number | null = null;
  private startMilliseconds = 0;
  private cpuReadSeconds: number | null = null;
  private cpuPercent: number | null = null;
  private readonly timer: GridTimer;

  /** @param cores that utilisation is a percentage of. */
  constructor(
    private readonly reader: ProcessReader,
    cores: number,
    private readonly intervalSeconds: number = SAMPLING_INTERVAL_SECONDS,
  ) {
    this.cpu = new CpuWindows(cores);
    this.timer = new GridTimer(intervalSeconds, () => this.sample());
  }

  start(): void {
    this.startMilliseconds = performance.now();
    this.sample();
    this.timer.start();
  }

  /** Takes a last sample; calling it again changes nothing. */
  stop(): SamplingResult {
    if (this.timer.stop()) {
      this.cpuReadSeconds = null;
      this.sample();
    }
    return {
      samples: thinSamples(this.completeSamples(), STORED_SAMPLES),
      peakRssBytes: this.peakRssBytes,
      cpuPeakPercent: toPercent(this.cpu.peakPercent),
      cpuMeanPercent: toPercent(this.cpu.meanPercent),
    };
  }

  private sample(): void {
    const seconds = (performance.now() - this.startMilliseconds) / 1000;
    const rssBytes = this.cpuIsDue(seconds) ? this.readAll() : this.reader.readRssBytes();
    if (rssBytes === null) return;
    this.peakRssBytes = Math.max(this.peakRssBytes ?? 0, rssBytes);
    this.raw.push({ seconds, rssBytes, cpuPercent: this.cpuPercent });
  }

  private cpuIsDue(seconds: number): boolean {
    // Timers come a little early or late, by less than a sample's interval.
    const due = CPU_INTERVAL_SECONDS - this.intervalSeconds / 2;
    return this.cpuReadSeconds === null || seconds - this.cpuReadSeconds >= due;
  }

  private readAll(): number | null {
    const reading = this.reader.read();
    if (reading === null) return null;
    const seconds = (performance.now() - this.startMilliseconds) / 1000;
    this.cpuPercent = toPercent(this.cpu.add(seconds, reading.cpuSeconds));
    this.cpuReadSeconds = seconds;
    return reading.rssBytes;
  }

  /** Samples before the first full window carry that window's utilisation, so that none exceeds the peak. */
  private completeSamples(): Sample[] {
    const first = this.raw.find((sample) => sample.cpuPercent !== null)?.cpuPercent;
    const beforeFirst = first ?? toPercent(this.cpu.meanPercent);
    if (beforeFirst === null) return [];
    return this.raw.map(({ seconds, rssBytes, cpuPercent }) => ({
      seconds: round(seconds, 4),
      rssBytes,
      cpuPercent: round(cpuPercent ?? beforeFirst, 1),
    }));
  }
}

function toPercent(value: number | null): number | null {
  return value === null ? null : Math.min(100, Math.max(0, value));
}

function round(value: number, digits: number): number {
  const scale = 10 ** digits;
  return Math.round(value * scale) / scale;
}
