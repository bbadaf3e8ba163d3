/** Shorter windows measure the kernel's accounting, which is brought up to date every few milliseconds. */
const SHORTEST_WINDOW_SECONDS = 0.1;

interface CpuReading {
  readonly seconds: number;
  readonly cpuSeconds: number;
}

/**
 * Turns readings of a process's CPU time into utilisation, in percent of `cores` cores. It is not cut off at 100: a
 * process may have more threads than the cores that it is compared with.
 */
export class CpuWindows {
  private first: CpuReading | null = null;
  private last: CpuReading | null = null;
  /** Readings that still begin, or will begin, a shortest window. */
  private recent: CpuReading[] = [];
  private highest: number | null = null;

  constructor(
    private readonly cores: number,
    private readonly windowSeconds: number = SHORTEST_WINDOW_SECONDS,
  ) {}

  /**
   * Takes a reading and returns the utilisation over the shortest window of at least 100 ms that ends with it; null
   * until so much time has passed.
   */
  add(seconds: number, cpuSeconds: number): number | null {
    const reading = { seconds, cpuSeconds };
    this.first ??= reading;
    this.last = reading;
    this.recent.push(reading);
    const begin = this.recent.findLastIndex((earlier) => seconds - earlier.seconds >= this.windowSeconds);
    const start = this.recent[begin];
    if (start === undefined) return null;
    this.recent = this.recent.slice(begin);
    const percent = this.percentBetween(start, reading);
    this.highest = Math.max(this.highest ?? 0, percent);
    return percent;
  }

  /** From the first reading to the last; null before the second. */
  get meanPercent(): number | null {
    if (this.first === null || this.last === null || this.last.seconds <= this.first.seconds) return null;
    return this.percentBetween(this.first, this.last);
  }

  /** Highest over windows of at least 100 ms; the mean when all readings together span less. */
  get peakPercent(): number | null {
    return this.highest ?? this.meanPercent;
  }

  private percentBetween(start: CpuReading, end: CpuReading): number {
    return (100 * (end.cpuSeconds - start.cpuSeconds)) / (end.seconds - start.seconds) / this.cores;
  }
}
