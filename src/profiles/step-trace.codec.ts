import { choice, count, flag, list, named, nullable, nullWhereMissing, number, object, text } from '../common/codec.js';
import type {
  MemoryPeak,
  MemoryPoint,
  ModulePart,
  OperatorCost,
  OperatorPart,
  TimelineSpan,
  TracedPart,
  TraceSummary,
} from './step-trace.js';

const phase = choice(['forward', 'backward', 'optimizer']);

const part = {
  phase,
  count: count('Operators executed.'),
  seconds: number(),
  allocatedBytes: number("Taken from the runtime's allocator, summed up, whenever it was given back."),
  peakBytesInUse: number('Most that was in use at the end of one of them, with all that others had left there.'),
};

const point = {
  seconds: number('Since the step began.'),
  bytesInUse: number("Handed out by the runtime's allocator at the end of an operator."),
  bytesHeld: number('What the allocator holds, handed out or not.'),
};

export const traceSummaryCodec = named(
  'TraceSummary',
  object<TraceSummary>(
    {
      stepSeconds: number(
        'From the beginning of the traced step to the end of its last operator, with all that the trace takes.',
      ),
      operatorSeconds: number('Of all operators together.'),
      traceSecondsPerOperator: number("What was taken off the time of each operator as the trace's own."),
      count: count('Operators executed.'),
      phases: list(object<TracedPart>(part)),
      operators: list(object<OperatorPart>({ ...part, operator: text() }), 'By phase and kind, slowest first.'),
      modules: list(
        object<ModulePart>({
          ...part,
          module: nullable(
            text(
              'Empty for what is computed outside of all modules, null for those that are too small for a part of their own.',
            ),
          ),
        }),
        'By phase and module, slowest first.',
      ),
      memoryPeak: object<MemoryPeak>({ ...point, phase, module: text(), operator: text() }),
      memory: list(object<MemoryPoint>(point), 'The curve over the step, thinned, with its peak kept.'),
    },
    'One traced step. Seconds and bytes, of the whole batch.',
  ),
);

const spanCodec = object<TimelineSpan>({
  phase,
  module: text(),
  operator: nullable(text()),
  count: count(),
  startSeconds: number(),
  endSeconds: number(),
  operatorSeconds: number(),
});

export const spansCodec = list(spanCodec);

export const operatorCostsCodec = nullWhereMissing(
  nullable(
    list(
      object<OperatorCost>({
        phase,
        operator: text(),
        producer: text(),
        form: list(number()),
        multiplyAccumulates: number(),
        bytes: number(),
        weightBytes: number(),
        decidedByRun: flag(),
        count: count(),
        seconds: number(),
      }),
    ),
  ),
);
