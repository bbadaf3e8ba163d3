import { monotonicSeconds } from '../../engine/training/step-times.js';
import type { Workload } from '../../profiles/workload.js';
import type { MeasuringPhase } from '../protocol.js';
import { medianOf } from './distribution.js';
import type { EngineWorkload } from './engine-workload.js';
import type { Division } from './runtime.js';
import type { SteadyState } from './steady-state.js';

/** The first run allocates and chooses algorithms; the second is the first that finds all of it there. */
const WARMUP_RUNS = 3;
const TIMED_RUNS = 5;

/**
 * How a step of onnxruntime on a GPU divides. Its trace says when the GPU was told to compute, not when it did, and its
 * allocator's account there is the GPU's. So the forward pass is run alone and timed, with its results copied back as the
 * step's are; what is behind it is the backward pass together with the optimizer, which nothing tells apart.
 */
export async function divideOnGpu(
  { threads, device }: Workload,
  built: EngineWorkload,
  { stepSeconds }: SteadyState,
  progress: (phase: MeasuringPhase, step: number) => void,
): Promise<Division> {
  const forward =
    built.loadForward === null
      ? 1
      : Math.min(1, (await medianForward(built.loadForward, { threads, device }, progress)) / stepSeconds.median);
  return {
    shares: { forward, backward: 1 - forward, optimizer: null },
    tracedToUntraced: null,
    operators: [],
    readings: [],
    watchedSteps: [],
    trace: null,
  };
}

async function medianForward(
  load: NonNullable<EngineWorkload['loadForward']>,
  options: Pick<Workload, 'threads' | 'device'>,
  progress: (phase: MeasuringPhase, step: number) => void,
): Promise<number> {
  progress('tracing', 0);
  const forward = await load(options);
  const seconds: number[] = [];
  for (let run = 1; run <= WARMUP_RUNS + TIMED_RUNS; run++) {
    const begun = monotonicSeconds();
    await forward.run();
    seconds.push(monotonicSeconds() - begun);
    progress('tracing', run);
  }
  await forward.release();
  return medianOf(seconds.slice(WARMUP_RUNS));
}
