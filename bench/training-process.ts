/** Trains for as many steps as it is told, says how long that took, and ends. Started by check-training.ts. */
import { performance } from 'node:perf_hooks';
import type { Workload } from '../src/profiles/workload.js';
import { buildWorkload } from '../src/profiling/child/engine-workload.js';
import { PythonProcess } from '../src/profiling/child/python-process.js';
import { asAsked } from '../src/profiling/child/pytorch.js';

export interface Training {
  readonly workload: Workload;
  readonly steps: number;
}

export interface Trained {
  readonly seconds: number;
}

/** Batches that take turns; more would only take more memory. */
const MOST_BATCHES = 8;

async function byEngine({ workload, steps }: Training): Promise<number> {
  const collectGarbage = (): void => {
    globalThis.gc?.();
    globalThis.gc?.();
  };
  const loaded = await (await buildWorkload(workload)).load({ threads: workload.threads, collectGarbage });
  collectGarbage();
  const begun = performance.now();
  for (let step = 0; step < steps; step++) await loaded.run();
  return (performance.now() - begun) / 1000;
}

async function byPyTorch({ workload, steps }: Training): Promise<number> {
  const { process: python } = await PythonProcess.start(process.env.PYTHON ?? 'python3', workload.threads);
  try {
    await python.ask('prepare', asAsked(workload));
    await python.ask('load');
    const trained = await python.ask('train', { steps, batches: Math.min(steps, MOST_BATCHES) });
    return (trained as Trained).seconds;
  } finally {
    await python.end();
  }
}

async function main(): Promise<void> {
  const training = JSON.parse(process.argv[2] ?? '') as Training;
  const seconds = await (training.workload.runtime === 'pytorch' ? byPyTorch(training) : byEngine(training));
  process.send?.({ seconds } satisfies Trained, undefined, undefined, () => process.exit(0));
}

void main();
