import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Phase } from '../graph/node.js';

/** One executed node of one run. */
export interface NodeExecution {
  /** The graph's name of the node, or the runtime's where it made the node itself. */
  readonly name: string;
  readonly phase: Phase;
  /** Module that the node belongs to, in the optimizer a parameter; empty where it belongs to none. */
  readonly module: string;
  /** The runtime's name of the operator, fused ones included. */
  readonly operator: string;
  /** Since the run began. */
  readonly startSeconds: number;
  readonly seconds: number;
  /** What the node took from the runtime's allocator and kept until its end. */
  readonly allocatedBytes: number;
  /** Memory that the runtime's allocator has handed out after the node, before what is no longer needed is freed. */
  readonly bytesInUse: number;
  /** Memory that the allocator holds, handed out or not. */
  readonly bytesHeld: number;
  /** Of what the run gave it; constants that the runtime has laid out anew are left out. */
  readonly inputShapes: readonly (readonly number[])[];
  readonly outputShapes: readonly (readonly number[])[];
}

/** Nodes of one run, in the order of their execution. */
export type RunTrace = readonly NodeExecution[];

/** The trace file is not what onnxruntime 1.30 writes. */
export class TraceFormatError extends Error {
  readonly code = 'trace-format';
}

interface TraceEvent {
  readonly cat: string;
  readonly name: string;
  /** Microseconds. */
  readonly ts: number;
  readonly dur: number;
  readonly args: Readonly<Record<string, unknown>>;
}

const KERNEL_SUFFIX = '_kernel_time';
const MICROSECONDS = 1e-6;

/**
 * Runs `execute` with a place for a trace, and reads what onnxruntime wrote there once it is through.
 * onnxruntime names the file itself, and does not say how.
 */
export async function traced(execute: (tracePrefix: string) => Promise<void>): Promise<readonly RunTrace[]> {
  const folder = mkdtempSync(join(tmpdir(), 'trace-'));
  try {
    await execute(join(folder, 'run'));
    const [file, ...others] = readdirSync(folder);
    if (file === undefined || others.length > 0) {
      throw new TraceFormatError(`one trace file was expected, ${others.length + (file === undefined ? 0 : 1)} found`);
    }
    return parseTrace(readFileSync(join(folder, file), 'utf8'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

type Place = Pick<NodeExecution, 'phase' | 'module'>;

/** The runs of a trace file, in order. @throws TraceFormatError */
export function parseTrace(text: string): readonly RunTrace[] {
  const events = JSON.parse(text) as readonly TraceEvent[];
  const runs = events.filter(({ cat, name }) => cat === 'Session' && name === 'model_run');
  if (runs.length === 0) throw new TraceFormatError('the trace holds no run');
  const nodes = events.filter(({ cat, name }) => cat === 'Node' && name.endsWith(KERNEL_SUFFIX));
  nodes.sort((a, b) => a.ts - b.ts);
  return runs.map((run) =>
    executions(
      run.ts,
      nodes.filter(({ ts }) => ts >= run.ts && ts <= run.ts + run.dur),
    ),
  );
}

function executions(begun: number, events: readonly TraceEvent[]): RunTrace {
  let place: Place = { phase: 'forward', module: '' };
  return events.map(({ name, ts, dur, args }) => {
    // Nodes that the runtime added, such as layout changes, serve the node before or after them.
    place = placeOf(name) ?? place;
    return {
      name: name.slice(0, -KERNEL_SUFFIX.length),
      ...place,
      operator: String(args.op_name),
      startSeconds: (ts - begun) * MICROSECONDS,
      seconds: dur * MICROSECONDS,
      allocatedBytes: Number(args.mem_in_use_delta ?? 0),
      bytesInUse: Number(args.mem_bytes_in_use ?? 0),
      bytesHeld: Number(args.mem_arena_held ?? 0),
      inputShapes: shapes(args.input_type_shape),
      outputShapes: shapes(args.output_type_shape),
    };
  });
}

/** The trace lists tensors as `{ "float": [2, 3] }`. */
function shapes(listed: unknown): readonly (readonly number[])[] {
  const tensors = (listed ?? []) as readonly Readonly<Record<string, readonly number[]>>[];
  return tensors.flatMap((tensor) => Object.values(tensor));
}

/** Of a node named `phase/module/operator`, or `phase/operator`, whatever the runtime put before or after that. */
function placeOf(name: string): Place | undefined {
  const phase = (['forward', 'backward', 'optimizer'] as const).find((known) => name.includes(`${known}/`));
  if (phase === undefined) return undefined;
  const path = name.slice(name.indexOf(`${phase}/`)).split('/');
  return { phase, module: path.slice(1, -1).join('/') };
}

/**
 * An operator that computes nothing: its result is its operand under another shape. It takes the runtime some tenths of a
 * microsecond, so what a trace says that it took is nearly all the trace's own.
 */
const IDLE_OPERATOR = 'Reshape';
/** Operators with many operands, or several threads, are written down for longer than idle ones, but not as much longer. */
const MOST_OF_IDLE = 2;

/**
 * What of each node's time in a run is the trace's own, in seconds: onnxruntime writes down shapes and threads before it
 * looks at the clock again. As much as leaves of all nodes together what they take without a trace; but never more than
 * twice what is written down for operators that compute nothing, of which the quicker half counts: a run that took longer
 * for another reason is not made to look as if it had not. 0 where there are no such operators.
 *
 * @param untracedSeconds that all nodes take in a run without a trace
 */
export function traceSecondsPerNode(run: RunTrace, untracedSeconds: number): number {
  const written = run.map(({ seconds }) => seconds).sort((a, b) => a - b);
  return Math.min(MOST_OF_IDLE * idleSeconds(run), equalShare(written, untracedSeconds));
}

function idleSeconds(run: RunTrace): number {
  const idle = run.filter(({ operator }) => operator === IDLE_OPERATOR).map(({ seconds }) => seconds);
  idle.sort((a, b) => a - b);
  const quicker = idle.slice(0, Math.ceil(idle.length / 2));
  return quicker.length === 0 ? 0 : quicker.reduce((sum, seconds) => sum + seconds, 0) / quicker.length;
}

/** What has to be taken off each of some amounts, none of which becomes less than 0, so that `rest` is left of all together. */
function equalShare(ascending: readonly number[], rest: number): number {
  let left = ascending.reduce((sum, amount) => sum + amount, 0);
  if (left <= rest) return 0;
  let taken = 0;
  for (const [index, amount] of ascending.entries()) {
    const others = ascending.length - index;
    if (left - (amount - taken) * others <= rest) return taken + (left - rest) / others;
    left -= (amount - taken) * others;
    taken = amount;
  }
  return taken;
}

/** The run with the time of its nodes less what of it is the trace's own. */
export function withoutTraceCost(run: RunTrace, traceSecondsPerNode: number): RunTrace {
  return run.map((node) => ({ ...node, seconds: Math.max(0, node.seconds - traceSecondsPerNode) }));
}

/** From the beginning of a run's first node to the end of its last; 0 for none. */
function nodeSpanSeconds(run: RunTrace): number {
  const [first, last] = [run[0], run.at(-1)];
  return first && last ? last.startSeconds + last.seconds - first.startSeconds : 0;
}

/**
 * What of a traced run lies before its first node and behind its last: handing over inputs and outputs, with a trace or
 * without. Between nodes there is next to nothing but what the trace takes.
 *
 * @param seconds that the run took by the clock, from outside
 * @param run as it was written down, the trace's own time in it
 */
export function secondsBesideNodes(seconds: number, run: RunTrace): number {
  return Math.max(0, seconds - nodeSpanSeconds(run));
}

/** Seconds of each phase. */
export function phaseSeconds(run: RunTrace): Readonly<Record<Phase, number>> {
  const seconds = { forward: 0, backward: 0, optimizer: 0 };
  for (const node of run) seconds[node.phase] += node.seconds;
  return seconds;
}

/**
 * Index of the node with which the forward pass ends: the one that best divides the run, most of the forward pass's time
 * before it and most of the other phases' behind it. The runtime knows no phases: nodes of the backward pass that need
 * only targets or parameters run first, and running statistics are moved last.
 */
export function forwardEnd(run: RunTrace): number {
  let [best, bestBalance, balance] = [-1, 0, 0];
  run.forEach(({ phase, seconds }, index) => {
    balance += phase === 'forward' ? seconds : -seconds;
    if (balance > bestBalance) [best, bestBalance] = [index, balance];
  });
  return best;
}

export interface OperatorSeconds {
  readonly phase: Phase;
  readonly operator: string;
  readonly count: number;
  readonly seconds: number;
}

/** Time by phase and kind of operator, slowest first. */
export function operatorSeconds(run: RunTrace): readonly OperatorSeconds[] {
  const sums = new Map<string, OperatorSeconds>();
  for (const { phase, operator, seconds } of run) {
    const key = `${phase} ${operator}`;
    const known = sums.get(key) ?? { phase, operator, count: 0, seconds: 0 };
    sums.set(key, { ...known, count: known.count + 1, seconds: known.seconds + seconds });
  }
  return [...sums.values()].sort((a, b) => b.seconds - a.seconds);
}
