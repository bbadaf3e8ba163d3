import { setTimeout as sleep } from 'node:timers/promises';
import { UntrainableError } from '../../engine/nn/network.js';
import { forwardEnd, operatorSeconds, type RunTrace } from '../../engine/runtime/trace.js';
import { monotonicSeconds, tracePhases } from '../../engine/training/step-times.js';
import { PlantingError } from '../../engine/zoo/detection/planting.js';
import { OwnProcessReader } from '../../monitoring/own-process-reader.js';
import type { Reading } from '../../profiles/measurement.js';
import type { Workload } from '../../profiles/workload.js';
import { type ChildMessage, type MeasuringPhase, tracingPlan, type WatchedStep } from '../protocol.js';
import {
  buildWorkload,
  type EngineOutcome,
  type EngineWorkload,
  type LoadedEngineWorkload,
} from './engine-workload.js';
import type { Division, LoadedWorkload, PreparedWorkload, Runtime } from './runtime.js';
import type { SteadyState } from './steady-state.js';
import { divideOnGpu } from './divide-on-gpu.js';
import { summariseTrace } from './summarise-trace.js';
import { WorkloadError } from './workload-error.js';

/** A message takes less than a millisecond, but the service may be answering somebody else. */
const WATCH_BEGIN_MS = 50;

/** The built-in runtime: the engine's graphs in onnxruntime, in this process. */
export class OnnxRuntime implements Runtime {
  readonly reader = new OwnProcessReader();

  constructor(private readonly report: (message: ChildMessage) => void) {}

  lifeSeconds(): number {
    return process.uptime();
  }

  async prepare(workload: Workload): Promise<PreparedWorkload> {
    const built = await build(workload);
    return {
      // Of a GPU's memory nothing is planned: the runtime says when there is none left.
      plannedPeakBytes: workload.device === 'cpu' ? built.plannedPeakBytes : null,
      counted: null,
      load: () => load(built, workload),
      divide: (steady, progress) =>
        workload.device === 'cpu'
          ? this.divide(workload, built, steady, progress)
          : divideOnGpu(workload, built, steady, progress),
    };
  }

  close(): Promise<void> {
    this.reader.close();
    return Promise.resolve();
  }

  /** A step is one blocking call: only the trace of further ones can tell how it divides. */
  private async divide(
    workload: Workload,
    built: EngineWorkload,
    { stepSeconds, endRssBytes }: SteadyState,
    progress: (phase: MeasuringPhase, step: number) => void,
  ): Promise<Division> {
    progress('tracing', 0);
    const { median } = stepSeconds;
    const tracing = tracingPlan(median);
    const begun: number[] = [];
    const loadTraced = async (tracePrefix?: string): Promise<LoadedEngineWorkload> => {
      const traced = await built.load({
        threads: workload.threads,
        collectGarbage,
        ...(tracePrefix !== undefined && { tracePrefix }),
      });
      const run = async (): Promise<EngineOutcome> => {
        if (begun.length === tracing.warmups + tracing.counted) {
          this.report({ type: 'watch-cpu' });
          // The first step that is followed must not begin before the service has looked.
          await sleep(WATCH_BEGIN_MS);
        }
        begun.push(monotonicSeconds());
        return traced.run();
      };
      return { ...traced, run };
    };
    const phases = await tracePhases(loadTraced, median, tracing, (run) => progress('tracing', run));
    const { shares, medianRun, furtherRuns } = phases;
    const training = workload.applicationType === 'training';
    return {
      shares,
      tracedToUntraced: (phases.totalOperatorSeconds + phases.besideOperatorsSeconds) / median,
      operators: operatorSeconds(medianRun),
      readings: readingsInside(medianRun, endRssBytes, training),
      watchedSteps: begun
        .slice(-furtherRuns.length)
        .flatMap((at, index) => stepOf(furtherRuns[index] ?? [], at, training)),
      trace: { ...summariseTrace(medianRun, phases.traceSecondsPerNode), costs: await built.costsOf(medianRun) },
    };
  }
}

async function load(built: EngineWorkload, { threads, device }: Workload): Promise<LoadedWorkload> {
  const loaded = await built.load({ threads, device, collectGarbage });
  // What building left behind is no part of the workload's memory.
  collectGarbage();
  return {
    run: async () => ({ ...(await loaded.run()), seconds: null }),
    gpuMemory: () => Promise.resolve(null),
    release: async () => {
      // Two sessions at once would take twice the memory.
      await loaded.release();
      collectGarbage();
    },
  };
}

/**
 * Twice: V8 may be in the middle of marking, and then the first collection only ends that, without moving what is left
 * together and giving pages back.
 */
function collectGarbage(): void {
  globalThis.gc?.();
  globalThis.gc?.();
}

async function build(workload: Workload): Promise<EngineWorkload> {
  try {
    return await buildWorkload(workload);
  } catch (error) {
    if (error instanceof UntrainableError || error instanceof PlantingError) {
      throw new WorkloadError({ code: error.code, message: error.message });
    }
    throw error;
  }
}

/**
 * Memory at the ends of the phases inside a step. There nobody can look in from outside, so it is what the runtime's
 * allocator had handed out, on top of what the process held beside the allocator. CPU use is added by the parent.
 */
function readingsInside(run: RunTrace, stepEnd: number, training: boolean): readonly Reading[] {
  const outside = stepEnd - (run.at(-1)?.bytesHeld ?? 0);
  const inside = (point: 'forward_end' | 'backward_end', end: number): Reading[] => {
    const node = run[end];
    const rssBytes = Math.max(0, outside) + (node?.bytesInUse ?? 0);
    return node ? [{ point, rssBytes, source: 'trace', cpuPercent: null, cpuSource: null }] : [];
  };
  const { forward, backward } = phaseEnds(run, training);
  return [...inside('forward_end', forward), ...(backward === null ? [] : inside('backward_end', backward))];
}

/** Indices of the last nodes of the phases. */
function phaseEnds(run: RunTrace, training: boolean): { readonly forward: number; readonly backward: number | null } {
  return training
    ? { forward: forwardEnd(run), backward: run.findLastIndex(({ phase }) => phase === 'backward') }
    : { forward: run.length - 1, backward: null };
}

/** @param begun when the run began, by the system's monotonic clock */
function stepOf(run: RunTrace, begun: number, training: boolean): readonly WatchedStep[] {
  const { forward, backward } = phaseEnds(run, training);
  const endOf = (index: number): number | null => {
    const node = run[index];
    return node ? begun + node.startSeconds + node.seconds : null;
  };
  const end = endOf(forward);
  return end === null ? [] : [{ begun, forwardEnd: end, backwardEnd: backward === null ? null : endOf(backward) }];
}
