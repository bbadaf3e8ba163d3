import type { Measurement } from './measurement.js';
import type { MemoryPoint, StepTrace, TimelineSpan, TracedPhase } from './step-trace.js';

/**
 * Chrome's trace event format, as Perfetto, chrome://tracing and Speedscope open it. Times are in microseconds.
 * @see https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU (JSON object format)
 */
export interface ChromeTrace {
  readonly displayTimeUnit: 'ms';
  readonly otherData: Readonly<Record<string, string>>;
  readonly traceEvents: readonly ChromeEvent[];
}

export type ChromeEvent = MetadataEvent | CompleteEvent | CounterEvent;

interface MetadataEvent {
  readonly ph: 'M';
  readonly name: 'process_name' | 'thread_name' | 'thread_sort_index';
  readonly pid: number;
  readonly tid: number;
  readonly args: Readonly<Record<string, string | number>>;
}

interface CompleteEvent {
  readonly ph: 'X';
  readonly name: string;
  readonly cat: 'operator' | 'module';
  readonly ts: number;
  readonly dur: number;
  readonly pid: number;
  readonly tid: number;
  readonly args: Readonly<Record<string, string | number>>;
}

interface CounterEvent {
  readonly ph: 'C';
  readonly name: string;
  readonly ts: number;
  readonly pid: number;
  readonly args: Readonly<Record<string, number>>;
}

/** The one process of the trace. */
const PROCESS = 1;
/** Each phase has a track of its own, which the format calls a thread. */
const TRACKS: Readonly<Record<TracedPhase, number>> = { forward: 1, backward: 2, optimizer: 3 };

/** One step as a time line: a track for each phase, in it modules with their operators, and the memory in use. */
export function chromeTrace(measurement: Measurement, { summary, timeline }: Omit<StepTrace, 'costs'>): ChromeTrace {
  const { architecture, applicationType, batchSize, imageSize } = measurement.workload;
  const step = applicationType === 'training' ? 'training step' : 'inference';
  const title = `${step} of ${architecture}, batch ${String(batchSize)}, ${imageSize.join('x')}`;
  return {
    displayTimeUnit: 'ms',
    otherData: { measurement: measurement.id, measured_at: measurement.measuredAt, title },
    traceEvents: [
      { ph: 'M', name: 'process_name', pid: PROCESS, tid: 0, args: { name: title } },
      ...summary.phases.flatMap(({ phase }) => trackNames(phase)),
      // No module's slice may go on while another phase is executed.
      ...stretches(timeline, ({ phase }) => phase).flatMap((spans) => nested(spans, 0)),
      ...summary.memory.flatMap(counters),
    ],
  };
}

function trackNames(phase: TracedPhase): MetadataEvent[] {
  const track = { ph: 'M', pid: PROCESS, tid: TRACKS[phase] } as const;
  return [
    { ...track, name: 'thread_name', args: { name: phase } },
    { ...track, name: 'thread_sort_index', args: { sort_index: TRACKS[phase] } },
  ];
}

/** Slices of modules around those of their operators; `spans` lie in the same module as far as `depth` names. */
function nested(spans: Spans, depth: number): CompleteEvent[] {
  return stretches(spans, (span) => modulePath(span)[depth]).flatMap((inside) => {
    const path = modulePath(inside[0]).slice(0, depth + 1);
    if (path.length <= depth) return inside.map(operatorSlice);
    return [moduleSlice(path.join('.'), inside), ...nested(inside, depth + 1)];
  });
}

/** One or more. */
type Spans = readonly [TimelineSpan, ...TimelineSpan[]];

/** Spans that follow each other and have the same key. */
function stretches(spans: readonly TimelineSpan[], key: (span: TimelineSpan) => string | undefined): Spans[] {
  const found: [TimelineSpan, ...TimelineSpan[]][] = [];
  for (const span of spans) {
    const last = found.at(-1);
    if (last && key(last[0]) === key(span)) last.push(span);
    else found.push([span]);
  }
  return found;
}

function modulePath({ module }: TimelineSpan): readonly string[] {
  return module === '' ? [] : module.split('.');
}

function operatorSlice(span: TimelineSpan): CompleteEvent {
  const { phase, module, operator, count, operatorSeconds } = span;
  return {
    ph: 'X',
    name: operator ?? `${String(count)} small operators`,
    cat: 'operator',
    ...placed(phase, span.startSeconds, span.endSeconds),
    args: { module, operators: count, operator_microseconds: microseconds(operatorSeconds) },
  };
}

function moduleSlice(name: string, inside: Spans): CompleteEvent {
  const [first] = inside;
  const end = Math.max(...inside.map(({ endSeconds }) => endSeconds));
  const sum = (figure: (span: TimelineSpan) => number): number => inside.reduce((all, span) => all + figure(span), 0);
  return {
    ph: 'X',
    name,
    cat: 'module',
    ...placed(first.phase, first.startSeconds, end),
    args: {
      operators: sum(({ count }) => count),
      operator_microseconds: microseconds(sum(({ operatorSeconds }) => operatorSeconds)),
    },
  };
}

function placed(phase: TracedPhase, start: number, end: number) {
  const ts = microseconds(start);
  return { ts, dur: microseconds(end) - ts, pid: PROCESS, tid: TRACKS[phase] };
}

function counters({ seconds, bytesInUse, bytesHeld }: MemoryPoint): CounterEvent[] {
  const counter = { ph: 'C', ts: microseconds(seconds), pid: PROCESS } as const;
  return [
    { ...counter, name: 'memory in use', args: { bytes: bytesInUse } },
    { ...counter, name: 'memory held by the allocator', args: { bytes: bytesHeld } },
  ];
}

function microseconds(seconds: number): number {
  return Math.round(seconds * 1e6);
}
