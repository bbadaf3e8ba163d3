import { inspect } from 'node:util';
import type { CpuSource } from '../profiles/measurement.js';
import type {
  MemoryPeak,
  MemoryPoint,
  ModulePart,
  OperatorCost,
  OperatorPart,
  StepTrace,
  TimelineSpan,
  TracedPart,
  TracedPhase,
} from '../profiles/step-trace.js';
import { MeasuringFailedError } from './measuring.errors.js';
import type { ChildFailure, ChildMessage, ChildResult, MeasuringPhase, WatchedStep } from './protocol.js';

/** Path from the value to what is wrong in it, such as `.times.median`; null when all is as declared. */
type Check = (value: unknown) => string | null;

function when(holds: (value: unknown) => boolean): Check {
  return (value) => (holds(value) ? null : '');
}

const text = when((value) => typeof value === 'string');
const flag = when((value) => typeof value === 'boolean');
const finite = when((value) => Number.isFinite(value));
const amount = when((value) => typeof value === 'number' && Number.isFinite(value) && value >= 0);
const count = when((value) => typeof value === 'number' && Number.isSafeInteger(value) && value >= 0);

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function orNull(check: Check): Check {
  return (value) => (value === null ? null : check(value));
}

function optional(check: Check): Check {
  return (value) => (value === undefined ? null : check(value));
}

/** One of the keys of a table that has to name every member of the union. */
function oneOf<T extends string>(names: Readonly<Record<T, true>>): Check {
  return when((value) => typeof value === 'string' && Object.hasOwn(names, value));
}

function entriesOf(entries: readonly (readonly [string, unknown])[], check: Check): string | null {
  for (const [name, value] of entries) {
    const wrong = check(value);
    if (wrong !== null) return `.${name}${wrong}`;
  }
  return null;
}

function listOf(check: Check, length?: number): Check {
  return (value) => {
    if (!Array.isArray(value) || (length !== undefined && value.length !== length)) return '';
    return entriesOf(Object.entries(value), check);
  };
}

function mapOf(check: Check): Check {
  return (value) => (isRecord(value) ? entriesOf(Object.entries(value), check) : '');
}

/** A check for every field of `T`: a field without one does not compile. */
function shape<T>(checks: { readonly [K in keyof Required<T>]: Check }): Check {
  const fields = Object.entries<Check>(checks);
  return (value) => {
    if (!isRecord(value)) return '';
    for (const [name, check] of fields) {
      const wrong = check(value[name]);
      if (wrong !== null) return `.${name}${wrong}`;
    }
    return null;
  };
}

const tracedPhase = oneOf<TracedPhase>({ forward: true, backward: true, optimizer: true });
const tracedPart: Readonly<Record<keyof TracedPart, Check>> = {
  phase: tracedPhase,
  count,
  seconds: amount,
  allocatedBytes: amount,
  peakBytesInUse: amount,
};
const memoryPoint: Readonly<Record<keyof MemoryPoint, Check>> = {
  seconds: amount,
  bytesInUse: amount,
  bytesHeld: amount,
};

const stepTrace = shape<StepTrace>({
  summary: shape<StepTrace['summary']>({
    stepSeconds: amount,
    operatorSeconds: amount,
    traceSecondsPerOperator: amount,
    count,
    phases: listOf(shape<TracedPart>(tracedPart)),
    operators: listOf(shape<OperatorPart>({ ...tracedPart, operator: text })),
    modules: listOf(shape<ModulePart>({ ...tracedPart, module: orNull(text) })),
    memoryPeak: shape<MemoryPeak>({ ...memoryPoint, phase: tracedPhase, module: text, operator: text }),
    memory: listOf(shape<MemoryPoint>(memoryPoint)),
  }),
  timeline: listOf(
    shape<TimelineSpan>({
      phase: tracedPhase,
      module: text,
      operator: orNull(text),
      count,
      startSeconds: amount,
      endSeconds: amount,
      operatorSeconds: amount,
    }),
  ),
  costs: orNull(
    listOf(
      shape<OperatorCost>({
        phase: tracedPhase,
        operator: text,
        producer: text,
        form: listOf(finite),
        multiplyAccumulates: amount,
        bytes: amount,
        weightBytes: amount,
        decidedByRun: flag,
        count,
        seconds: amount,
      }),
    ),
  ),
});

const phase = oneOf<MeasuringPhase>({ building: true, loading: true, warmup: true, timing: true, tracing: true });

const childResult = shape<ChildResult>({
  network: shape<ChildResult['network']>({
    parameters: count,
    trainableParameters: count,
    forwardMultiplyAccumulates: amount,
    computedImageSize: listOf(count, 2),
  }),
  reached: shape<ChildResult['reached']>({
    objectsPerImage: orNull(amount),
    positivesPerImage: orNull(amount),
    candidatesPerImage: orNull(amount),
    detectionsPerImage: orNull(amount),
  }),
  times: shape<ChildResult['times']>({
    stepSeconds: shape<ChildResult['times']['stepSeconds']>({
      median: amount,
      p05: amount,
      p95: amount,
      count,
    }),
    forwardSeconds: amount,
    backwardSeconds: orNull(amount),
    optimizerSeconds: orNull(amount),
    stable: flag,
    warmupSteps: count,
    tracedToUntraced: orNull(amount),
  }),
  shortened: flag,
  operators: listOf(
    shape<ChildResult['operators'][number]>({
      phase: tracedPhase,
      operator: text,
      count,
      seconds: amount,
    }),
  ),
  losses: orNull(mapOf(finite)),
  baselineRssBytes: amount,
  peakRssBytes: orNull(amount),
  loadingPeakRssBytes: orNull(amount),
  fileRssBytes: orNull(amount),
  cpuMeanPercent: amount,
  cpuPeakPercent: amount,
  readings: listOf(
    shape<ChildResult['readings'][number]>({
      point: oneOf<ChildResult['readings'][number]['point']>({
        before: true,
        forward_end: true,
        backward_end: true,
        step_end: true,
      }),
      rssBytes: amount,
      source: oneOf<ChildResult['readings'][number]['source']>({ kernel: true, trace: true }),
      cpuPercent: orNull(amount),
      cpuSource: orNull(oneOf<CpuSource>({ 'process-clock': true, schedstat: true })),
    }),
  ),
  watchedSteps: listOf(shape<WatchedStep>({ begun: amount, forwardEnd: amount, backwardEnd: orNull(amount) })),
  trace: orNull(stepTrace),
  gpuMemory: orNull(
    shape<NonNullable<ChildResult['gpuMemory']>>({ allocatedPeakBytes: amount, reservedPeakBytes: amount }),
  ),
});

const childFailure = shape<ChildFailure>({
  code: oneOf<ChildFailure['code']>({
    'does-not-fit': true,
    untrainable: true,
    'counts-out-of-range': true,
    'non-finite-loss': true,
    'out-of-memory': true,
    'precision-unsupported': true,
    'runtime-unavailable': true,
    'runtime-failed': true,
    'runtime-died': true,
    internal: true,
  }),
  message: text,
  plannedPeakBytes: optional(amount),
  memoryBudgetBytes: optional(amount),
  exitCode: optional(orNull(finite)),
  signal: optional(orNull(text)),
});

type MessageOf<K extends ChildMessage['type']> = Extract<ChildMessage, { type: K }>;

const MESSAGES: Readonly<Record<ChildMessage['type'], Check>> = {
  ready: shape<MessageOf<'ready'>>({ type: text }),
  progress: shape<MessageOf<'progress'>>({ type: text, phase, step: count, windowSeconds: orNull(amount) }),
  computing: shape<MessageOf<'computing'>>({ type: text, pid: count }),
  'watch-cpu': shape<MessageOf<'watch-cpu'>>({ type: text }),
  result: shape<MessageOf<'result'>>({ type: text, result: childResult }),
  failed: shape<MessageOf<'failed'>>({ type: text, failure: childFailure }),
};

function isMessageType(value: unknown): value is ChildMessage['type'] {
  return typeof value === 'string' && Object.hasOwn(MESSAGES, value);
}

/**
 * What came from the measuring process, as a message of the protocol.
 * @throws MeasuringFailedError naming the first field that is not as declared.
 */
export function parseChildMessage(value: unknown): ChildMessage {
  const type = isRecord(value) ? value.type : undefined;
  if (!isMessageType(type)) {
    throw new MeasuringFailedError(
      `The measuring process sent a message of an unknown type: ${excerpt(value)}. ` +
        `Known are ${Object.keys(MESSAGES).join(', ')}.`,
    );
  }
  const wrong = MESSAGES[type](value);
  if (wrong !== null) {
    throw new MeasuringFailedError(
      `The measuring process sent a '${type}' message in which ${wrong.slice(1)} is not as declared: ` +
        excerpt(at(value, wrong)),
    );
  }
  // Every field was just checked against its declaration.
  return value as ChildMessage;
}

function at(value: unknown, path: string): unknown {
  return path
    .split('.')
    .slice(1)
    .reduce<unknown>((inner, name) => (inner as Record<string, unknown> | undefined)?.[name], value);
}

function excerpt(value: unknown): string {
  return inspect(value, { depth: 2, breakLength: Infinity }).slice(0, 200);
}
