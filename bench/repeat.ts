/**
 * Whether a measurement can be repeated: the same workload measured again and again as the service does, alone, right
 * after another one, and while something else loads the machine. Run it with `npm run bench:repeat -- --help`.
 */
import { parseArgs } from 'node:util';

import { repeatedWorkload, otherWorkload } from './repeated-workload.js';
import { measureAlone, Measurer } from './measurer.js';
import { OtherLoad } from './other-load.js';
import { figuresOf, printComparison, printDisturbed, printRun, printSpread, type RunFigures } from './repeat-report.js';
import { runMain } from './run-main.js';
import { wholeNumber } from './step-options.js';

const USAGE = `npm run bench:repeat -- [options]

  --architecture NAME  by torchvision's name; default ssdlite320_mobilenet_v3_large
  --batch-size N       images; default by architecture, as the next
  --image-size HxW
  --runs N             of a training step and an inference, each by fresh processes; default 10
  --other NAME         what is measured in between by the same process, every other run; default resnet18
  --quick              small images, 2 runs, a second for each: whether everything goes through

Exits with 1 when an aim is missed, with 2 when it was asked for wrongly or could not be run.`;

const QUICK_RUNS = 2;
const QUICK_OPTIONS = { maxSeconds: 1 };
/** Measured while something else loads the machine. */
const DISTURBED_RUNS = 2;

function shown(label: string, run: RunFigures): RunFigures {
  printRun(label, run);
  return run;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      architecture: { type: 'string', default: 'ssdlite320_mobilenet_v3_large' },
      'batch-size': { type: 'string' },
      'image-size': { type: 'string' },
      runs: { type: 'string', default: '10' },
      other: { type: 'string', default: 'resnet18' },
      quick: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  const { quick } = values;
  const runs = quick ? QUICK_RUNS : wholeNumber('runs', values.runs);
  const options = quick ? QUICK_OPTIONS : {};
  const training = repeatedWorkload(values, 'training');
  const inference = repeatedWorkload(values, 'inference');
  const other = otherWorkload(values);
  const alone = async (): Promise<RunFigures> =>
    figuresOf(await measureAlone(training, options), await measureAlone(inference, options));

  console.log(
    `${training.architecture}, ${training.batchSize} x ${training.imageSize.join('x')}, ${training.threads} threads; ` +
      `in between ${other.architecture}, ${other.batchSize} x ${other.imageSize.join('x')}`,
  );
  const quiet: RunFigures[] = [];
  const after: RunFigures[] = [];
  const shared = new Measurer(options);
  try {
    while (quiet.length < runs) {
      // In turn, so that what changes slowly is not taken for what the other one left behind.
      if (quiet.length % 2 === 1) {
        await shared.measure(other);
        after.push(shown(`after ${other.architecture}`, figuresOf(await shared.measure(training), null)));
      }
      quiet.push(shown(`alone ${quiet.length + 1}`, await alone()));
    }
  } finally {
    shared.end();
  }
  const disturbed: RunFigures[] = [];
  const load = new OtherLoad();
  try {
    while (disturbed.length < DISTURBED_RUNS) {
      disturbed.push(shown(`loaded ${disturbed.length + 1}`, await alone()));
    }
  } finally {
    load.end();
  }
  // Figures of so little work say nothing.
  if (quick) {
    console.log('went through');
    return 0;
  }
  const met = [printSpread(quiet), printComparison(quiet, after), printDisturbed([...quiet, ...after], disturbed)];
  return met.every(Boolean) ? 0 : 1;
}

runMain(main, USAGE);
