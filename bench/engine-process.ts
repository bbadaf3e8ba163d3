/**
 * One measurement of this engine, in a process of its own so that its memory is its own: reads a request from its
 * argument, prints the outcome as JSON.
 */
import type { Phase } from '../src/engine/graph/node.js';
import { timeRuns, tracePhases, upperMedian } from '../src/engine/training/step-times.js';
import type { BenchCase } from './bench-case.js';
import type { Excess } from './excess.js';
import { excess, neededMultiplyAccumulates } from './excess.js';
import { matrixProductRate } from './matrix-product.js';
import { allNeededProducts } from './needed-products.js';
import type { Work } from './work.js';
import { inferenceOf, trainingOf } from './work.js';

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

async function medianSeconds({ load }: Work, runs: number, whenTimed: () => void): Promise<number> {
  const repeatable = await load();
  const seconds = upperMedian(await timeRuns(repeatable, runs));
  whenTimed();
  await repeatable.release();
  return seconds;
}

/** Until a new session is as fast as it will be. */
const TRACE_WARMUPS = 3;

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
    const untracedSeconds = await medianSeconds({ graph, load }, runs, () => undefined);
    const { shares, totalOperatorSeconds, medianRun } = await tracePhases(load, untracedSeconds, {
      warmups: TRACE_WARMUPS,
      counted: runs,
      further: 0,
    });
    const rate = await matrixProductRate(matrix, benchCase.threads);
    return {
      multiplyAccumulates: allNeededProducts(graph),
      seconds: totalOperatorSeconds,
      shares,
      excess: excess(medianRun, neededMultiplyAccumulates(graph), rate),
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
