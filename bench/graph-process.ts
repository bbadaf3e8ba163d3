/**
 * Builds and lowers one architecture's graphs in a fresh process, as the process of a measurement does, or loads its
 * training step. Reads a request from its argument, prints seconds as JSON.
 */
import { channelBlock } from '../src/engine/runtime/channel-block.js';
import { lowerInference } from '../src/engine/training/inference.js';
import { monotonicSeconds } from '../src/engine/training/step-times.js';
import { lowerStep } from '../src/engine/training/training-step.js';
import type { BenchCase } from './bench-case.js';
import type { GraphRequest, GraphTimes, ReadyTime } from './graph-times.js';
import { inferenceGraphOf, trainingGraphOf, trainingOf } from './work.js';

function processorSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

async function timed<T>(work: () => T | Promise<T>): Promise<{ readonly result: T; readonly seconds: number }> {
  const [clock, processor] = [monotonicSeconds(), processorSeconds()];
  const result = await work();
  return { result, seconds: Math.min(monotonicSeconds() - clock, processorSeconds() - processor) };
}

async function graphs(benchCase: BenchCase): Promise<GraphTimes> {
  // The runtime is asked once in a process; that is no work on a graph.
  await channelBlock();
  const training = await timed(() => trainingGraphOf(benchCase));
  const trainingLowered = await timed(() => lowerStep(training.result, 'updates'));
  const inference = await timed(() => inferenceGraphOf(benchCase));
  const inferenceLowered = await timed(() => lowerInference(inference.result));
  return {
    seconds: {
      'training graph': training.seconds,
      'training lowered': trainingLowered.seconds,
      'inference graph': inference.seconds,
      'inference lowered': inferenceLowered.seconds,
    },
    trainingNodes: trainingLowered.result.graph.nodes.length,
  };
}

async function ready(benchCase: BenchCase): Promise<ReadyTime> {
  const { result, seconds } = await timed(() => trainingOf(benchCase).load());
  await result.release();
  return { readySeconds: seconds };
}

async function main(): Promise<void> {
  const { benchCase, kind } = JSON.parse(process.argv[2] ?? '') as GraphRequest;
  process.stdout.write(JSON.stringify(kind === 'graphs' ? await graphs(benchCase) : await ready(benchCase)));
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
