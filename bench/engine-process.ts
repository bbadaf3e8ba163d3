/**
 * One measurement of this engine, in a process of its own so that its memory is its own: reads a request from its
 * argument, prints the outcome as JSON.
 */
import { multiplyAccumulates } from '../src/engine/graph/costs.js';
import type { Graph } from '../src/engine/graph/graph.js';
import type { Phase } from '../src/engine/graph/node.js';
import { fillTensor } from '../src/engine/synthetic/fill.js';
import { Inference } from '../src/engine/training/inference.js';
import { buildInferenceGraph } from '../src/engine/training/inference-graph.js';
import type { LoadRepeatable } from '../src/engine/training/step-times.js';
import { timeRuns, tracePhases, upperMedian } from '../src/engine/training/step-times.js';
import { syntheticBatch } from '../src/engine/training/synthetic-batch.js';
import { buildTrainingGraph } from '../src/engine/training/training-graph.js';
import type { Initializer } from '../src/engine/training/training-step.js';
import { TrainingStep } from '../src/engine/training/training-step.js';
import { hasMasks } from '../src/engine/zoo/architecture.js';
import { architectureNamed } from '../src/engine/zoo/catalogue.js';
import type { BenchCase } from './bench-case.js';
import type { Excess } from './excess.js';
import { excess, neededMultiplyAccumulates } from './excess.js';
import { matrixProductRate } from './matrix-product.js';

export interface EngineRequest {
  readonly kind: 'round' | 'trace';
  readonly benchCase: BenchCase;
  readonly runs: number;
  /** Side of the matrices of the machine's own rate. */
  readonly matrix: number;
}

/** Training or inference in one round. */
export interface EngineTimes {
  readonly seconds: number;
  /** Multiply-accumulates a second of the machine's own matrix product, right after. */
  readonly machineRate: number;
}

export interface EngineRound {
  readonly training: EngineTimes & { readonly peakRssMebibytes: number };
  readonly inference: EngineTimes;
}

/** What the traces of training and inference say. */
export interface EngineTrace {
  readonly training: TracedWork;
  readonly inference: TracedWork;
}

export interface TracedWork {
  readonly multiplyAccumulates: number;
  readonly seconds: number;
  readonly shares: Readonly<Record<Phase, number>>;
  readonly excess: readonly Excess[];
}

interface Work {
  readonly graph: Graph;
  readonly load: LoadRepeatable;
}

/** As PyTorch's in the reference. */
const LEARNING_RATE = 1e-6;

const initialize: Initializer = ({ name, shape }) => fillTensor(name, shape, 0);

function trainingOf({ architecture: name, options, batch, imageSize, objects, positives, threads }: BenchCase): Work {
  const architecture = architectureNamed(name);
  const shape = { batchSize: batch, imageSize, objectsPerImage: objects };
  const planted = hasMasks(architecture) ? { positivesPerImage: positives } : null;
  const training = buildTrainingGraph(architecture, options, shape, planted, 'on');
  const data = syntheticBatch(architecture, options.numClasses, { batch, imageSize, seed: 0 }, objects);
  const load: LoadRepeatable = async (tracePrefix) => {
    const step = await TrainingStep.create(training, 'updates', data, initialize, session(threads, tracePrefix));
    return { run: () => step.run(LEARNING_RATE), endTrace: () => step.endTrace(), release: () => step.release() };
  };
  return { graph: training.graph, load };
}

function inferenceOf({ architecture: name, options, batch, imageSize, objects, threads }: BenchCase): Work {
  const architecture = architectureNamed(name);
  const inference = buildInferenceGraph(architecture, options, batch, imageSize, null);
  const { images } = syntheticBatch(architecture, options.numClasses, { batch, imageSize, seed: 0 }, objects);
  const load: LoadRepeatable = (tracePrefix) =>
    Inference.create(inference, images, initialize, session(threads, tracePrefix));
  return { graph: inference.graph, load };
}

function session(threads: number, tracePrefix?: string) {
  return tracePrefix === undefined ? { threads } : { threads, tracePrefix };
}

async function medianSeconds({ load }: Work, runs: number, whenTimed: () => void): Promise<number> {
  const repeatable = await load();
  const seconds = upperMedian(await timeRuns(repeatable, runs));
  whenTimed();
  await repeatable.release();
  return seconds;
}

async function round({ benchCase, runs, matrix }: EngineRequest): Promise<EngineRound> {
  const machineRate = () => matrixProductRate(matrix, benchCase.threads);
  let peakRssMebibytes = 0;
  // As PyTorch's: the highest of the whole process, read before its first inference.
  const readPeak = () => (peakRssMebibytes = process.resourceUsage().maxRSS / 1024);
  const trainingSeconds = await medianSeconds(trainingOf(benchCase), runs, readPeak);
  const training = { seconds: trainingSeconds, peakRssMebibytes, machineRate: await machineRate() };
  const inferenceSeconds = await medianSeconds(inferenceOf(benchCase), runs, () => undefined);
  return { training, inference: { seconds: inferenceSeconds, machineRate: await machineRate() } };
}

async function trace({ benchCase, runs, matrix }: EngineRequest): Promise<EngineTrace> {
  const traced = async ({ graph, load }: Work): Promise<TracedWork> => {
    const { shares, totalOperatorSeconds, lastRun } = await tracePhases(load, runs);
    const rate = await matrixProductRate(matrix, benchCase.threads);
    return {
      multiplyAccumulates: multiplyAccumulates(graph, ['forward', 'backward']),
      seconds: totalOperatorSeconds,
      shares,
      excess: excess(lastRun, neededMultiplyAccumulates(graph), rate),
    };
  };
  return { training: await traced(trainingOf(benchCase)), inference: await traced(inferenceOf(benchCase)) };
}

async function main(): Promise<void> {
  const request = JSON.parse(process.argv[2] ?? '') as EngineRequest;
  const outcome = request.kind === 'round' ? await round(request) : await trace(request);
  process.stdout.write(JSON.stringify(outcome));
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
