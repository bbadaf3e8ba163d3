/**
 * Whether a training takes as long as was estimated: asks the service for an estimate, then really trains that many steps on
 * synthetic batches held in memory, in a plain loop. Run it with `npm run check:training -- --help`.
 */
import { fork } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type RuntimeName, RUNTIMES, type Workload } from '../src/profiles/workload.js';
import { childEnvironment, MEASURING_PROGRAM } from '../src/profiling/child-program.js';
import { requestedWorkload } from './requested-workload.js';
import { runMain } from './run-main.js';
import { ServiceProcess } from './service-process.js';
import { imageSizeOf, UsageError, wholeNumber } from './step-options.js';
import type { Trained, Training } from './training-process.js';

const GOAL = 0.05;
const SERVICE = join(__dirname, '../../main.js');

const USAGE = `npm run check:training -- ARCHITECTURE [options]

  --images N          of an epoch; default 400
  --batch N           default 8
  --epochs N          default 2
  --image-size HxW    default by architecture
  --runtime NAME      ${RUNTIMES.join(' or ')}; default onnxruntime

The Python with torch is that of PYTHON (default python3). Exits with 1 where estimate and training differ by more than
${100 * GOAL} %, as they do on a busy machine.`;

interface Asked {
  readonly images: number;
  readonly epochs: number;
}

/** Seconds of the whole training, by a service that knows nothing yet. */
async function estimatedSeconds(workload: Workload, { images, epochs }: Asked): Promise<number> {
  const profiles = await mkdtemp(join(tmpdir(), 'profiles-'));
  const service = await ServiceProcess.start(SERVICE, {
    PROFILES_DIR: profiles,
    LOG_LEVEL: 'info',
    ...(process.env.PYTHON !== undefined && { PYTHON: process.env.PYTHON }),
  });
  try {
    const response = await fetch(`${service.url}/api/v1/estimate-training-time`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        architecture: workload.architecture,
        application_type: 'training',
        batch_size: workload.batchSize,
        image_size: workload.imageSize,
        runtime: workload.runtime,
        threads: workload.threads,
        source: 'measured',
        dataset_size: images,
        epochs,
      }),
    });
    const answer = (await response.json()) as { readonly 'Total Training Time'?: number; readonly detail?: string };
    const seconds = answer['Total Training Time'];
    if (seconds === undefined) throw new Error(`there is no estimate: ${answer.detail ?? 'no reason was given'}`);
    return seconds;
  } finally {
    await service.stop();
    await rm(profiles, { recursive: true, force: true });
  }
}

/** Seconds that the steps really take, in a process started as a measuring one is. */
function trainedSeconds(training: Training): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = fork(join(__dirname, 'training-process.js'), [JSON.stringify(training)], {
      execArgv: [...MEASURING_PROGRAM.execArgv],
      env: {
        ...childEnvironment(process.env, tmpdir()),
        ...(process.env.PYTHON !== undefined && { PYTHON: process.env.PYTHON }),
      },
    });
    child.once('message', ({ seconds }: Trained) => resolve(seconds));
    child.once('exit', (code) => reject(new Error(`the training ended with code ${String(code)}`)));
  });
}

function runtimeOf(name: string): RuntimeName {
  const runtime = RUNTIMES.find((known) => known === name);
  if (runtime === undefined) throw new UsageError(`--runtime is "${name}", and has to be ${RUNTIMES.join(' or ')}`);
  return runtime;
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      images: { type: 'string', default: '400' },
      batch: { type: 'string', default: '8' },
      epochs: { type: 'string', default: '2' },
      'image-size': { type: 'string' },
      runtime: { type: 'string', default: 'onnxruntime' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  const [architecture, ...others] = positionals;
  if (architecture === undefined || others.length > 0) throw new UsageError('one architecture has to be named');
  const asked = { images: wholeNumber('images', values.images), epochs: wholeNumber('epochs', values.epochs) };
  const batch = wholeNumber('batch', values.batch);
  const wishes = { batch, ...imageSizeOf(values['image-size']) };
  const workload = requestedWorkload(architecture, 'training', wishes, runtimeOf(values.runtime));
  const steps = Math.ceil(asked.images / batch) * asked.epochs;
  console.log(
    `${architecture} by ${workload.runtime} on ${workload.device}, ${workload.threads} threads: ${asked.epochs} epochs of ` +
      `${asked.images} images of ${workload.imageSize.join('x')} in batches of ${batch}, ${steps} steps`,
  );
  const estimated = await estimatedSeconds(workload, asked);
  console.log(`estimated ${estimated.toFixed(2)} s`);
  const trained = await trainedSeconds({ workload, steps });
  console.log(`trained   ${trained.toFixed(2)} s`);
  const difference = estimated / trained - 1;
  const isMet = Math.abs(difference) <= GOAL;
  console.log(
    `The estimate is ${(100 * difference).toFixed(1)} % off; the goal of ${100 * GOAL} % is ${isMet ? 'met' : 'missed'}.`,
  );
  return isMet ? 0 : 1;
}

runMain(main, USAGE);
