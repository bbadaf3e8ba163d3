/**
 * Whether kills of the service lose anything that it has acknowledged: `npm run bench:kill -- --help`. The tests do the
 * same in small.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { killAgainAndAgain, LossError } from './killing.js';
import { runMain } from './run-main.js';
import { chooseSeed, seededRandom } from './seeded-random.js';
import { wholeNumber } from './step-options.js';

const USAGE = `npm run bench:kill -- [options]

  --kills N   of the service, while it measures and while it writes a profile; default 100
  --seed N    of the random moments, to repeat a run; default a new one

Exits with 1 when something was lost, with 2 when it was asked for wrongly or could not be run.`;

const PROGRAM = resolve('dist/main.js');

async function main(): Promise<void> {
  const { values: options } = parseArgs({
    options: {
      kills: { type: 'string', default: '100' },
      seed: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (options.help) {
    console.log(USAGE);
    return;
  }
  const kills = wholeNumber('kills', options.kills);
  const seed = options.seed === undefined ? chooseSeed() : wholeNumber('seed', options.seed);
  console.log(`seed ${seed}`);
  const folder = await mkdtemp(join(tmpdir(), 'killed-service-'));
  const report = await killAgainAndAgain({
    program: PROGRAM,
    folder,
    kills,
    random: seededRandom(seed),
    say: (line) => console.log(line),
  });
  // Where something was lost, the folder stays to be looked into.
  await rm(folder, { recursive: true, force: true });
  for (const [activity, count] of report.killedWhile) console.log(`${count} x ${activity}`);
  console.log(
    `${kills} kills: none of ${report.jobs} jobs and ${report.measurements} measurements lost ` +
      `(${report.interruptedTwice} jobs were interrupted twice); ready after ${report.longestReadySeconds.toFixed(2)} s at most`,
  );
}

runMain(async () => {
  try {
    await main();
    return 0;
  } catch (error) {
    if (!(error instanceof LossError)) throw error;
    console.error(error.message);
    return 1;
  }
}, USAGE);
