import { setTimeout as sleep } from 'node:timers/promises';
import { UntrainableError } from '../../engine/nn/network.js';
import type { RunTrace } from '../../engine/runtime/trace.js';
import { forwardEnd, operatorSeconds } from '../../engine/runtime/trace.js';
import { monotonicSeconds, tracePhases } from '../../engine/training/step-times.js';
import { PlantingError } from '../../engine/zoo/detection/planting.js';
import { networkFacts } from '../../engine/zoo/facts.js';
import { OwnProcessReader } from '../../monitoring/own-process-reader.js';
import type { Reading } from '../../profiles/measurement.js';
import type { Workload } from '../../profiles/workload.js';
import {
  type ChildMessage,
  type ChildResult,
  type MeasuringLimits,
  type MeasuringPhase,
  tracingPlan,
  type WatchedStep,
} from '../protocol.js';
import type { LoadedWorkload, Outcome, PreparedWorkload } from './prepared-workload.js';
import { prepareWorkload } from './prepared-workload.js';
import { runToSteadyState } from './steady-state.js';
import { summariseTrace } from './summarise-trace.js';
import { WorkloadError } from './workload-error.js';

/** A message takes less than a millisecond, but the service may be answering somebody else. */
const WATCH_BEGIN_MS = 50;

/** Measures one workload in this process, from the building of its graph to the division of its step into phases. */
export async function runWorkload(
  workload: Workload,
  limits: MeasuringLimits,
  report: (message: ChildMessage) => void,
): Promise<ChildResult> {
  const progress = (phase: MeasuringPhase, step = 0, windowSeconds: number | null = null): void => {
    report({ type: 'progress', phase, step, windowSeconds });
  };
  const reader = new OwnProcessReader();
  const before = reader.read();
  const lifeSeconds = process.uptime();
  progress('building');
  const prepared = await prepare(workload, limits);
  const network = networkFacts(workload.architecture, workload.options, workload.batchSize, workload.imageSize);

  progress('loading');
  const loaded = await prepared.load({ threads: workload.threads, collectGarbage });
  const loadingPeakRssBytes = reader.read().peakRssBytes;
  // What building left behind is no part of the workload's memory.
  collectGarbage();
  let last: Outcome | null = null;
  const steady = await runToSteadyState(
    async () => {
      last = await loaded.run();
    },
    { limits, threads: workload.threads, reader, clock: monotonicSeconds, onStep: progress },
  );
  const fileRssBytes = reader.readFileRssBytes();
  const outcome = finished(last);
  // Two sessions at once would take twice the memory.
  await loaded.release();
  collectGarbage();

  progress('tracing');
  const { threads } = workload;
  const { median } = steady.stepSeconds;
  const tracing = tracingPlan(median);
  const begun: number[] = [];
  const load = async (tracePrefix?: string): Promise<LoadedWorkload> => {
    const traced = await prepared.load({ threads, collectGarbage, ...(tracePrefix !== undefined && { tracePrefix }) });
    const run = async (): Promise<Outcome> => {
      if (begun.length === tracing.warmups + tracing.counted) {
        report({ type: 'watch-cpu' });
        // The first step that is followed must not begin before the service has looked.
        await sleep(WATCH_BEGIN_MS);
      }
      begun.push(monotonicSeconds());
      return traced.run();
    };
    return { ...traced, run };
  };
  const phases = await tracePhases(load, median, tracing, (run) => progress('tracing', run));
  const { shares, medianRun, furtherRuns } = phases;
  const training = workload.applicationType === 'training';
  return {
    network,
    reached: outcome.reached,
    times: {
      stepSeconds: steady.stepSeconds,
      forwardSeconds: median * shares.forward,
      backwardSeconds: training ? median * shares.backward : null,
      optimizerSeconds: training ? median * shares.optimizer : null,
      stable: steady.stable,
      warmupSteps: steady.warmupSteps,
      tracedToUntraced: (phases.totalOperatorSeconds + phases.besideOperatorsSeconds) / median,
    },
    shortened: steady.shortened,
    operators: operatorSeconds(medianRun),
    losses: outcome.losses,
    baselineRssBytes: before.rssBytes,
    peakRssBytes: steady.peakRssBytes,
    loadingPeakRssBytes,
    fileRssBytes,
    cpuMeanPercent: steady.cpuMeanPercent,
    cpuPeakPercent: steady.cpuPeakPercent,
    readings: [
      clockReading('before', before.rssBytes, (100 * before.cpuSeconds) / lifeSeconds / threads),
      ...readingsInside(medianRun, steady.endRssBytes, training),
      clockReading('step_end', steady.endRssBytes, steady.cpuMeanPercent),
    ],
    watchedSteps: begun
      .slice(-furtherRuns.length)
      .flatMap((at, index) => stepOf(furtherRuns[index] ?? [], at, training)),
    trace: { ...summariseTrace(medianRun, phases.traceSecondsPerNode), costs: await prepared.costsOf(medianRun) },
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

async function prepare(workload: Workload, { memoryBudgetBytes }: MeasuringLimits): Promise<PreparedWorkload> {
  const prepared = await build(workload);
  const { plannedPeakBytes } = prepared;
  if (plannedPeakBytes <= memoryBudgetBytes) return prepared;
  const mebibytes = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MiB`;
  throw new WorkloadError({
    code: 'does-not-fit',
    message:
      `The workload would take about ${mebibytes(plannedPeakBytes)} at its peak, and ` +
      `${mebibytes(memoryBudgetBytes)} are available. A smaller batch or image needs less.`,
    plannedPeakBytes,
    memoryBudgetBytes,
  });
}

async function build(workload: Workload): Promise<PreparedWorkload> {
  try {
    return await prepareWorkload(workload);
  } catch (error) {
    if (error instanceof UntrainableError || error instanceof PlantingError) {
      throw new WorkloadError({ code: error.code, message: error.message });
    }
    throw error;
  }
}

function clockReading(point: 'before' | 'step_end', rssBytes: number, cpuPercent: number): Reading {
  return { point, rssBytes, source: 'kernel', cpuPercent, cpuSource: 'process-clock' };
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

function finished(outcome: Outcome | null): Outcome {
  if (outcome === null) throw new RangeError('no step was run');
  return outcome;
}
