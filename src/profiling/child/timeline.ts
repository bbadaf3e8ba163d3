import type { NodeExecution, RunTrace } from '../../engine/runtime/trace.js';
import type { TimelineSpan } from '../../profiles/step-trace.js';

/** Operators with a span of their own, the slowest: some nine tenths of the time of the steps with most operators. */
const SINGLE_OPERATORS = 500;

/**
 * The time line of a run. The slowest operators stand for themselves; of the others, those of one phase between two slow
 * ones are one span, also where small operators of several phases take turns, which bounds the number of spans.
 */
export function timelineOf(run: RunTrace): readonly TimelineSpan[] {
  const slowest = new Set([...run].sort((a, b) => b.seconds - a.seconds).slice(0, SINGLE_OPERATORS));
  const spans: TimelineSpan[] = [];
  /** Spans of small operators since the last slow one, by phase. */
  const open = new Map<string, number>();
  for (const node of run) {
    if (slowest.has(node)) {
      open.clear();
      spans.push(spanOf(node));
      continue;
    }
    const index = open.get(node.phase);
    const earlier = index === undefined ? undefined : spans[index];
    if (index === undefined || earlier === undefined) {
      open.set(node.phase, spans.push(spanOf(node)) - 1);
    } else {
      spans[index] = joined(earlier, node);
    }
  }
  return spans.map(rounded);
}

export function endOf({ startSeconds, seconds }: NodeExecution): number {
  return startSeconds + seconds;
}

/** To the trace's resolution, so that no digits are kept that mean nothing. */
export function microseconds(seconds: number): number {
  return Math.round(seconds * 1e6) / 1e6;
}

function spanOf(node: NodeExecution): TimelineSpan {
  const { phase, module, operator, startSeconds, seconds } = node;
  return { phase, module, operator, count: 1, startSeconds, endSeconds: endOf(node), operatorSeconds: seconds };
}

function joined(span: TimelineSpan, node: NodeExecution): TimelineSpan {
  return {
    ...span,
    module: commonModule(span.module, node.module),
    operator: null,
    count: span.count + 1,
    endSeconds: endOf(node),
    operatorSeconds: span.operatorSeconds + node.seconds,
  };
}

/** Once a span is complete: small operators take less than the difference that rounding each would make. */
function rounded(span: TimelineSpan): TimelineSpan {
  return {
    ...span,
    startSeconds: microseconds(span.startSeconds),
    endSeconds: microseconds(span.endSeconds),
    operatorSeconds: microseconds(span.operatorSeconds),
  };
}

/** The innermost module that both lie in. */
function commonModule(one: string, other: string): string {
  const [names, others] = [one.split('.'), other.split('.')];
  const different = names.findIndex((name, index) => name !== others[index]);
  return names.slice(0, different === -1 ? names.length : different).join('.');
}
