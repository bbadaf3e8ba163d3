import type { NodeExecution, RunTrace } from '../../engine/runtime/trace.js';
import { thinSeries } from '../../monitoring/thin-series.js';
import type {
  MemoryPeak,
  MemoryPoint,
  ModulePart,
  OperatorPart,
  StepTrace,
  TracedPart,
  TraceSummary,
} from '../../profiles/step-trace.js';
import { endOf, microseconds, timelineOf } from './timeline.js';

const PHASES = ['forward', 'backward', 'optimizer'] as const;
/** Parts of modules that are kept; what is less than the least of them is summed up by phase. */
const MODULES = 300;
/** Points of the memory curve that are kept. */
const MEMORY_POINTS = 400;

/**
 * What is kept of one traced run: who took how much time and memory, the curve of memory and the time line, each of
 * them bounded whatever the network.
 *
 * @param traceSecondsPerOperator what was taken from each operator's time as the trace's own
 * @throws RangeError for a run in which nothing was executed
 */
export function summariseTrace(run: RunTrace, traceSecondsPerOperator: number): Omit<StepTrace, 'costs'> {
  return { summary: summaryOf(run, traceSecondsPerOperator), timeline: timelineOf(run) };
}

function summaryOf(run: RunTrace, traceSecondsPerOperator: number): TraceSummary {
  const peak = memoryPeak(run);
  const memory = run.map(pointOf);
  return {
    stepSeconds: microseconds(Math.max(...run.map(endOf))),
    operatorSeconds: secondsOf(run),
    traceSecondsPerOperator,
    count: run.length,
    phases: PHASES.flatMap((phase) =>
      grouped(
        run.filter((node) => node.phase === phase),
        () => phase,
      ).map(partOf),
    ),
    operators: slowestFirst(
      grouped(run, ({ phase, operator }) => `${phase} ${operator}`).map((nodes): OperatorPart => ({
        ...partOf(nodes),
        operator: nodes[0].operator,
      })),
    ),
    modules: modulesOf(run),
    memoryPeak: peak,
    // The lows between two peaks are what a reader looks for as well.
    memory: thinSeries(memory, MEMORY_POINTS, [({ bytesInUse }) => bytesInUse, ({ bytesInUse }) => -bytesInUse]),
  };
}

function modulesOf(run: RunTrace): readonly ModulePart[] {
  const all = grouped(run, ({ phase, module }) => `${phase} ${module}`).map((nodes) => ({
    nodes,
    part: { ...partOf(nodes), module: nodes[0].module },
  }));
  all.sort((a, b) => b.part.seconds - a.part.seconds);
  const rest = all.slice(MODULES).flatMap(({ nodes }) => nodes);
  const restByPhase = grouped(rest, ({ phase }) => phase).map((nodes) => ({ ...partOf(nodes), module: null }));
  return [...all.slice(0, MODULES).map(({ part }) => part), ...slowestFirst(restByPhase)];
}

/** One or more. */
type Nodes = readonly [NodeExecution, ...NodeExecution[]];

function grouped(run: RunTrace, key: (node: NodeExecution) => string): Nodes[] {
  const groups = new Map<string, [NodeExecution, ...NodeExecution[]]>();
  for (const node of run) {
    const group = groups.get(key(node));
    if (group) group.push(node);
    else groups.set(key(node), [node]);
  }
  return [...groups.values()];
}

function partOf(nodes: Nodes): TracedPart {
  return {
    phase: nodes[0].phase,
    count: nodes.length,
    seconds: secondsOf(nodes),
    allocatedBytes: nodes.reduce((sum, { allocatedBytes }) => sum + allocatedBytes, 0),
    peakBytesInUse: Math.max(...nodes.map(({ bytesInUse }) => bytesInUse)),
  };
}

function secondsOf(nodes: RunTrace): number {
  return microseconds(nodes.reduce((sum, { seconds }) => sum + seconds, 0));
}

function slowestFirst<Part extends TracedPart>(parts: readonly Part[]): readonly Part[] {
  return [...parts].sort((a, b) => b.seconds - a.seconds);
}

function pointOf(node: NodeExecution): MemoryPoint {
  const { bytesInUse, bytesHeld } = node;
  return { seconds: microseconds(endOf(node)), bytesInUse, bytesHeld };
}

function memoryPeak(run: RunTrace): MemoryPeak {
  const [first, ...others] = run;
  if (first === undefined) throw new RangeError('there is no summary of a run in which nothing was executed');
  const highest = others.reduce((peak, node) => (node.bytesInUse > peak.bytesInUse ? node : peak), first);
  const { phase, module, operator } = highest;
  return { ...pointOf(highest), phase, module, operator };
}
