/** What is known of a process at one moment. */
export interface ProcessReading {
  readonly rssBytes: number;
  /** Highest resident set since the process began or the mark was last reset; null where the system keeps none. */
  readonly peakRssBytes: number | null;
  /** CPU time of all threads; only differences between readings of one reader have a meaning. */
  readonly cpuSeconds: number;
}

/** Reads one process, cheaply enough for an interval of 10 ms. */
export interface ProcessReader {
  /** Null once the process has ended. */
  read(): ProcessReading | null;
  /** The resident set alone, at a fraction of the cost; null once the process has ended. */
  readRssBytes(): number | null;
  close(): void;
}
