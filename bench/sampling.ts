/**
 * What it costs a training step to be sampled from outside every 10 ms, as the service does with `threading: true`:
 * blocks of steps with and without it in turn, in one process that stays warm. Run it with
 * `npm run bench:sampling -- --help`.
 */
import { parseArgs } from 'node:util';

import { architectures } from '../src/engine/zoo/catalogue.js';
import { IntervalSampler } from '../src/monitoring/interval-sampler.js';
import { openProcessReader } from '../src/monitoring/proc-process-reader.js';
import type { ProcessReader } from '../src/monitoring/process-reader.js';
import type { BenchCase } from './bench-case.js';
import { benchCase, caseLabel } from './bench-case.js';
import { busyShare } from './busy-share.js';
import type { Pair } from './paired-ratio.js';
import { overheadVerdict, pairedRatio } from './paired-ratio.js';
import { runMain } from './run-main.js';
import { UsageError, wholeNumber } from './step-options.js';
import { Stepping } from './stepping.js';

const USAGE = `npm run bench:sampling -- [ARCHITECTURE] [options]

  ARCHITECTURE   by torchvision's name; default ssdlite320_mobilenet_v3_large
  --pairs N      of a block of steps without sampling and one with it, in turn; default 60
  --quick        small images and 2 pairs: whether everything goes through

Exits with 1 when the goal is missed, with 2 when it was asked for wrongly or could not be run.`;

const GOAL = 0.01;
/** Long against the interval of samples and against the ticks of the scheduler. */
const BLOCK_SECONDS = 1;
const QUICK_PAIRS = 2;
/** Others come and go for longer than a pair takes: then pairs are no longer drawn from the same. */
const BUSY = 0.1;

function caseOf(names: readonly string[], quick: boolean): BenchCase {
  const [name = 'ssdlite320_mobilenet_v3_large', ...more] = names;
  const description = architectures.get(name);
  if (!description || more.length > 0) throw new UsageError(`there is no architecture "${names.join(' ')}"`);
  return benchCase(description, { quick });
}

/** The sampler runs in this process, as it does in the service, so that it takes its time from the steps' processors. */
async function watchedSeconds(stepping: Stepping, reader: ProcessReader, steps: number, cores: number) {
  const sampler = new IntervalSampler(reader, cores);
  sampler.start();
  const seconds = await stepping.take(steps);
  return { seconds, samples: sampler.stop().samples.length };
}

async function measurePairs(stepping: Stepping, steps: number, count: number, cores: number): Promise<Pair[]> {
  const reader = openProcessReader(stepping.pid);
  if (reader === null) throw new Error('this system does not let other processes be sampled: Linux is needed');
  const pairs: Pair[] = [];
  while (pairs.length < count) {
    // Each way of watching goes first in every other pair: what drifts would else be taken for the sampling.
    const watchedFirst = pairs.length % 2 === 1;
    const before = watchedFirst ? null : await stepping.take(steps);
    const watched = await watchedSeconds(stepping, reader, steps, cores);
    if (watched.samples === 0) throw new Error('the process could not be sampled');
    pairs.push({ seconds: before ?? (await stepping.take(steps)), watchedSeconds: watched.seconds });
  }
  reader.close();
  return pairs;
}

async function main(): Promise<number> {
  const { values: options, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      pairs: { type: 'string', default: '60' },
      quick: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (options.help) {
    console.log(USAGE);
    return 0;
  }
  const wanted = caseOf(positionals, options.quick);
  const count = options.quick ? QUICK_PAIRS : wholeNumber('pairs', options.pairs);
  const busyBefore = await busyShare();
  const stepping = await Stepping.start(wanted);
  try {
    const stepSeconds = await stepping.take(1);
    const steps = options.quick ? 1 : Math.max(1, Math.ceil(BLOCK_SECONDS / stepSeconds));
    const pairs = await measurePairs(stepping, steps, count, wanted.threads);
    // Figures of so little work say nothing.
    if (options.quick) {
      console.log(`went through: ${caseLabel(wanted)}`);
      return 0;
    }
    return report(wanted, pairs, steps, Math.max(busyBefore, await busyShare()));
  } finally {
    stepping.end();
  }
}

function report(wanted: BenchCase, pairs: readonly Pair[], steps: number, busy: number): number {
  const found = pairedRatio(pairs);
  const verdict = busy > BUSY ? 'open' : overheadVerdict(found, pairs.length, GOAL);
  const percent = (ratio: number): string => `${(100 * (ratio - 1)).toFixed(2)} %`;
  console.log(`${caseLabel(wanted)}; ${pairs.length} pairs of ${steps} ${steps === 1 ? 'step' : 'steps'}`);
  if (busy > BUSY) console.log(`others used ${(100 * busy).toFixed(0)} % of the machine: the figure says nothing`);
  console.log(
    `sampled as by the service, every 10 ms, steps take ${percent(found.ratio)} longer ` +
      `(95 %: ${percent(found.lower)} to ${percent(found.upper)})`,
  );
  const advice = verdict === 'open' ? ': it takes more pairs, or a quieter machine, to tell' : '';
  console.log(`goal, at most ${100 * GOAL} % longer: ${verdict}${advice}`);
  return verdict === 'missed' ? 1 : 0;
}

runMain(main, USAGE);
