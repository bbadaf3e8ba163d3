import type { Workload } from './workload.js';

/** Spread of repeated timings, in seconds. */
export interface Distribution {
  readonly median: number;
  readonly p05: number;
  readonly p95: number;
  readonly count: number;
}

/** What the measured network is and computes, as the engine counted it (`NetworkFacts` there) and as it is kept. */
export interface MeasuredNetwork {
  readonly parameters: number;
  readonly trainableParameters: number;
  /**
   * Multiply-accumulates of convolutions and linear layers in one forward pass of the whole batch; without masks, of which
   * there are as many as detections.
   */
  readonly forwardMultiplyAccumulates: number;
  /** `[height, width]` in pixels that the network computes at, after its own resizing. */
  readonly computedImageSize: readonly [height: number, width: number];
}

/** Means over the images of the batch, read from the measured run. */
export interface ReachedCounts {
  readonly objectsPerImage: number | null;
  readonly positivesPerImage: number | null;
  readonly candidatesPerImage: number | null;
  readonly detectionsPerImage: number | null;
}

export interface StepTimes {
  /** One training step, or one inference, of the whole batch; from runs without a trace. */
  readonly stepSeconds: Distribution;
  readonly forwardSeconds: number;
  /** Null for inference. */
  readonly backwardSeconds: number | null;
  /** Null for inference, and where the runtime does not tell it from the backward pass, whose time then contains it. */
  readonly optimizerSeconds: number | null;
  /** False when the limit of steps or seconds came before the last windows agreed. */
  readonly stable: boolean;
  readonly warmupSteps: number;
  /**
   * All operators of a traced step, less the trace's own time, and what lies before and behind them, over an untraced
   * step. What is taken as the trace's own makes this 1, within what operators that compute nothing allow: above 1, traced
   * steps took longer for another reason; below, they were quicker. Null where the phases are timed themselves.
   */
  readonly tracedToUntraced: number | null;
}

/** Within which a measurement brings its timings to rest; both count warm-up and timed steps together. */
export interface TimingLimits {
  readonly maxSteps: number;
  readonly maxSeconds: number;
}

/** The limits that a measurement was made within, and what they did to it. */
export interface MeasuringProtocol extends TimingLimits {
  /**
   * Whether there were fewer steps of warm-up or fewer in a window than there are without limits, or the last windows did
   * not agree in time: with wider limits more would have been measured.
   */
  readonly shortened: boolean;
}

export type ReadingPoint = 'before' | 'forward_end' | 'backward_end' | 'step_end';

/**
 * Where figures of CPU time come from. `process-clock`: the measuring process's own account (getrusage), of all its threads
 * that ever were; `schedstat`: the scheduler's account of each thread, read from outside every 10 ms.
 */
export type CpuSource = 'process-clock' | 'schedstat';

/** One reading of step-wise monitoring. */
export interface Reading {
  readonly point: ReadingPoint;
  /** Resident set of the measuring process. */
  readonly rssBytes: number;
  /** `kernel`: read from the system at that moment; `trace`: the runtime's own account inside the step. */
  readonly source: 'kernel' | 'trace';
  /**
   * 0 to 100, of the cores that the process may use, over what ends with this point: the life of the process, the forward
   * pass, the backward pass, or whole steps. Null where the system does not tell, and of phases too short to tell.
   */
  readonly cpuPercent: number | null;
  /** Null where there is no figure. */
  readonly cpuSource: CpuSource | null;
}

/** One sample of interval monitoring. */
export interface Sample {
  /** Since sampling began. */
  readonly seconds: number;
  readonly rssBytes: number;
  /** 0 to 100, of the cores that the process may use. */
  readonly cpuPercent: number;
}

/** Memory of the GPU that a network was computed on, at its highest over the measured steps. */
export interface GpuMemory {
  /** What the runtime's allocator had handed out; null where the runtime does not tell. */
  readonly allocatedPeakBytes: number | null;
  /** What it had taken from the driver, handed out or not; null where the runtime does not tell. */
  readonly reservedPeakBytes: number | null;
  /** All of the process as the driver sees it, with its context and libraries; null where the driver does not tell. */
  readonly processPeakBytes: number | null;
  /** In use by all processes together, and by the driver; null where the driver does not tell. */
  readonly deviceUsedPeakBytes: number | null;
  /** The same before the measuring process was started. */
  readonly deviceUsedBeforeBytes: number | null;
}

/** How busy a GPU was over the measured steps, 0 to 100; null where the driver does not tell. */
export interface GpuUse {
  /** Share of the time in which any process worked on it. */
  readonly deviceMeanPercent: number | null;
  readonly devicePeakPercent: number | null;
  /** Share of the time in which the measuring process worked on it. */
  readonly processMeanPercent: number | null;
  readonly processPeakPercent: number | null;
}

export interface MemoryUse {
  /** Resident set before the model was built. */
  readonly baselineRssBytes: number;
  /** Highest resident set over the measured steps, from the kernel's own high-water mark where there is one. */
  readonly peakRssBytes: number;
  /** `kernel`: its high-water mark; `sampling`: the highest of the samples; `readings`: the highest of the readings. */
  readonly peakSource: 'kernel' | 'sampling' | 'readings';
  /**
   * Highest resident set from the beginning of the process until the workload was loaded; null where the system keeps no
   * mark, and in profiles of version 0.5 and earlier.
   */
  readonly loadingPeakRssBytes: number | null;
  /**
   * Pages of program files in the resident set, which the kernel takes back when it must; null where the system does not
   * tell, and in profiles of version 0.5 and earlier.
   */
  readonly fileRssBytes: number | null;
  /** Memory in use on the whole machine before the measurement. */
  readonly machineUsedBeforeBytes: number;
  readonly readings: readonly Reading[];
  /** Null on a CPU. */
  readonly gpu: GpuMemory | null;
}

export interface CpuUse {
  /** Over the timed steps; 0 to 100, of the cores that the process may use. */
  readonly meanPercent: number;
  /** Highest over windows of at least 100 ms. */
  readonly peakPercent: number;
  /** Of both; null in profiles of version 0.4 and earlier. */
  readonly source: CpuSource | null;
  /** Share of the machine used by other processes meanwhile, 0 to 100. */
  readonly otherLoadPercent: number;
  /** Share of the machine's CPU time that its hypervisor gave to other machines meanwhile, 0 to 100; null where the system does not tell. */
  readonly stolenPercent: number | null;
  /** Share of the periods of the cgroup's CPU quota in which it was used up, 0 to 100; null without a quota. */
  readonly throttledPercent: number | null;
  /** Times that a core or the whole processor was slowed down for heat; null where nobody counts. */
  readonly heatSlowdowns: number | null;
}

/** Share of one kind of operator in a step. */
export interface OperatorTime {
  readonly phase: 'forward' | 'backward' | 'optimizer';
  readonly operator: string;
  readonly count: number;
  readonly seconds: number;
}

/** One workload run on one machine. */
export interface Measurement {
  readonly id: string;
  /** ISO 8601, UTC. */
  readonly measuredAt: string;
  /** Wall time that measuring took, all phases included. */
  readonly durationSeconds: number;
  readonly workload: Workload;
  readonly network: MeasuredNetwork;
  readonly reached: ReachedCounts;
  /** Null in profiles of version 0.4 and earlier. */
  readonly protocol: MeasuringProtocol | null;
  readonly times: StepTimes;
  readonly memory: MemoryUse;
  readonly cpu: CpuUse;
  /** Null on a CPU, and in profiles of version 0.6 and earlier. */
  readonly gpu: GpuUse | null;
  /** Interval monitoring only, thinned for storage; empty otherwise. */
  readonly samples: readonly Sample[];
  /** Slowest first; empty where the runtime has no trace. */
  readonly operators: readonly OperatorTime[];
  /** Of the last step; null for inference. */
  readonly losses: Readonly<Record<string, number>> | null;
}

/** Whether its step was divided by a trace of its operators; else the phases were timed themselves. */
export function isTraced({ times }: Pick<Measurement, 'times'>): boolean {
  return times.tracedToUntraced !== null;
}
