import { monotonicSeconds } from '../../engine/training/step-times.js';
import { networkFacts } from '../../engine/zoo/facts.js';
import type { Reading } from '../../profiles/measurement.js';
import type { Workload } from '../../profiles/workload.js';
import type { ChildMessage, ChildResult, MeasuringLimits, MeasuringPhase } from '../protocol.js';
import type { Outcome, PreparedWorkload, Runtime } from './runtime.js';
import { startRuntime } from './start-runtime.js';
import { runToSteadyState } from './steady-state.js';
import { WorkloadError } from './workload-error.js';

/** Measures one workload, from the building of its network to the division of its step into phases. */
export async function runWorkload(
  workload: Workload,
  limits: MeasuringLimits,
  report: (message: ChildMessage) => void,
): Promise<ChildResult> {
  const progress = (phase: MeasuringPhase, step = 0, windowSeconds: number | null = null): void => {
    report({ type: 'progress', phase, step, windowSeconds });
  };
  progress('building');
  const runtime = await startRuntime(workload, report);
  try {
    return await measure(runtime, workload, limits, progress);
  } finally {
    await runtime.close();
  }
}

async function measure(
  runtime: Runtime,
  workload: Workload,
  limits: MeasuringLimits,
  progress: (phase: MeasuringPhase, step?: number, windowSeconds?: number | null) => void,
): Promise<ChildResult> {
  const { reader } = runtime;
  const { threads } = workload;
  const before = reader.read();
  const lifeSeconds = runtime.lifeSeconds();
  const prepared = await runtime.prepare(workload);
  assertFits(prepared, limits);
  const facts = networkFacts(workload.architecture, workload.options, workload.batchSize, workload.imageSize);

  progress('loading');
  const loaded = await prepared.load();
  const loadingPeakRssBytes = reader.read().peakRssBytes;
  let last: Outcome | null = null;
  const steady = await runToSteadyState(
    async () => {
      last = await loaded.run();
      return last.seconds;
    },
    { limits, threads, reader, clock: monotonicSeconds, onStep: progress },
  );
  const fileRssBytes = reader.readFileRssBytes();
  const gpuMemory = await loaded.gpuMemory();
  const outcome = finished(last);
  await loaded.release();

  const division = await prepared.divide(steady, progress);
  const { median } = steady.stepSeconds;
  const training = workload.applicationType === 'training';
  return {
    network: { ...facts, ...prepared.counted },
    reached: outcome.reached,
    times: {
      stepSeconds: steady.stepSeconds,
      forwardSeconds: median * division.shares.forward,
      backwardSeconds: training ? median * division.shares.backward : null,
      optimizerSeconds: training && division.shares.optimizer !== null ? median * division.shares.optimizer : null,
      stable: steady.stable,
      warmupSteps: steady.warmupSteps,
      tracedToUntraced: division.tracedToUntraced,
    },
    shortened: steady.shortened,
    operators: division.operators,
    losses: outcome.losses,
    baselineRssBytes: before.rssBytes,
    peakRssBytes: steady.peakRssBytes,
    loadingPeakRssBytes,
    fileRssBytes,
    cpuMeanPercent: steady.cpuMeanPercent,
    cpuPeakPercent: steady.cpuPeakPercent,
    readings: [
      clockReading('before', before.rssBytes, (100 * before.cpuSeconds) / lifeSeconds / threads),
      ...division.readings,
      clockReading('step_end', steady.endRssBytes, steady.cpuMeanPercent),
    ],
    watchedSteps: division.watchedSteps,
    trace: division.trace,
    gpuMemory,
  };
}

/** @throws WorkloadError; a runtime that plans nothing is let run, and says itself when memory runs out */
function assertFits({ plannedPeakBytes }: PreparedWorkload, { memoryBudgetBytes }: MeasuringLimits): void {
  if (plannedPeakBytes === null || plannedPeakBytes <= memoryBudgetBytes) return;
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

function clockReading(point: 'before' | 'step_end', rssBytes: number, cpuPercent: number): Reading {
  return { point, rssBytes, source: 'kernel', cpuPercent, cpuSource: 'process-clock' };
}

function finished(outcome: Outcome | null): Outcome {
  if (outcome === null) throw new RangeError('no step was run');
  return outcome;
}
