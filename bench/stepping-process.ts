/**
 * Takes training steps when it is told to, in a process of its own as the service's measurements are: reads a case from
 * its argument, says 0 when it is ready, and answers each number of steps with the seconds that they took.
 */
import { monotonicSeconds } from '../src/engine/training/step-times.js';
import type { BenchCase } from './bench-case.js';
import { trainingOf } from './work.js';

const WARMUP_STEPS = 3;

async function main(): Promise<void> {
  const benchCase = JSON.parse(process.argv[2] ?? '') as BenchCase;
  const step = await trainingOf(benchCase).load();
  const take = async (steps: number): Promise<number> => {
    const start = monotonicSeconds();
    for (let taken = 0; taken < steps; taken++) await step.run();
    return monotonicSeconds() - start;
  };
  await take(WARMUP_STEPS);
  process.on('disconnect', () => process.exit(0));
  process.on('message', (steps: number) => {
    take(steps).then((seconds) => process.send?.(seconds), fail);
  });
  process.send?.(0);
}

function fail(error: unknown): void {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}

main().catch(fail);
