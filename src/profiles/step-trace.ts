import type { Measurement, OperatorTime } from './measurement.js';

export type TracedPhase = OperatorTime['phase'];

/** What some of the operators of a traced step took together. */
export interface TracedPart {
  readonly phase: TracedPhase;
  /** Operators executed. */
  readonly count: number;
  readonly seconds: number;
  /** What the operators took from the runtime's allocator, summed up, whenever it was given back. */
  readonly allocatedBytes: number;
  /** Most that was in use at the end of one of them, with all that others had left there. */
  readonly peakBytesInUse: number;
}

export interface OperatorPart extends TracedPart {
  /** The runtime's name of the kind of operator. */
  readonly operator: string;
}

export interface ModulePart extends TracedPart {
  /**
   * Module of the network, such as `backbone.body.layer1.0.conv1`, in the optimizer a parameter; empty for what is
   * computed outside of all modules, null for all the modules together that are too small for a part of their own.
   */
  readonly module: string | null;
}

/** Memory at the end of one operator. */
export interface MemoryPoint {
  /** Since the step began. */
  readonly seconds: number;
  /** Handed out by the runtime's allocator; what the operator freed at its end is still among it. */
  readonly bytesInUse: number;
  /** What the allocator holds, handed out or not. */
  readonly bytesHeld: number;
}

/** Where in the step most memory was in use. */
export interface MemoryPeak extends MemoryPoint {
  readonly phase: TracedPhase;
  readonly module: string;
  readonly operator: string;
}

/** One step under a trace; what the trace itself takes of an operator's time is taken off. */
export interface TraceSummary {
  /** From the beginning of the step to the end of its last operator, with all that the trace takes. */
  readonly stepSeconds: number;
  /** Of all operators together. */
  readonly operatorSeconds: number;
  /** What was taken off the time of each operator as the trace's own. */
  readonly traceSecondsPerOperator: number;
  /** Operators executed. */
  readonly count: number;
  readonly phases: readonly TracedPart[];
  /** By phase and kind, slowest first. */
  readonly operators: readonly OperatorPart[];
  /** By phase and module, slowest first. */
  readonly modules: readonly ModulePart[];
  readonly memoryPeak: MemoryPeak;
  /** Thinned, with its peak kept. */
  readonly memory: readonly MemoryPoint[];
}

/** One operator on the time line, or some small ones of the same phase that followed each other. */
export interface TimelineSpan {
  readonly phase: TracedPhase;
  /** Of several operators the module that all of them lie in. */
  readonly module: string;
  /** Null for several operators. */
  readonly operator: string | null;
  readonly count: number;
  /** Since the step began. */
  readonly startSeconds: number;
  readonly endSeconds: number;
  /** Spent in the operators; of several less than from start to end. */
  readonly operatorSeconds: number;
}

/**
 * What the operators of one kind and shape took in a traced step: the network's own, before they are turned into the
 * runtime's, each with all that it became.
 */
export interface OperatorCost {
  readonly phase: TracedPhase;
  /** The engine's name of the operator, such as `Conv` or `ConvWeightGradient`. */
  readonly operator: string;
  /** The operator that makes its first operand; empty for what a run is given. */
  readonly producer: string;
  /** What neither the batch nor the size of images changes, in the operator's own order: channels, kernel, strides. */
  readonly form: readonly number[];
  /** Of one such operator. */
  readonly multiplyAccumulates: number;
  /** Of its operands and results that are known before the run; constants and weights are `weightBytes`. */
  readonly bytes: number;
  readonly weightBytes: number;
  /** Whether only the run decides the size of an operand or a result, which `bytes` then lacks. */
  readonly decidedByRun: boolean;
  /** How many of them there are. */
  readonly count: number;
  /** Of all of them together. */
  readonly seconds: number;
}

/** One traced step of a measurement, of bounded size. */
export interface StepTrace {
  readonly summary: TraceSummary;
  /** In the order of execution. */
  readonly timeline: readonly TimelineSpan[];
  /** Null in traces of version 0.5 and earlier. */
  readonly costs: readonly OperatorCost[] | null;
}

/** A measurement that was just made, with what is kept apart from it. */
export interface FreshMeasurement extends Measurement {
  readonly trace?: StepTrace;
}
