/**
 * Compares the engine's training step with PyTorch's, case by case, over whatever weights, images and sizes are asked
 * for: the goldens under test/golden cover one case each. For each case it runs the PyTorch reference in float64
 * (`--golden`) and this project's `npm run step`, and prints how far the two are apart beside PyTorch's own float32
 * error. Run in the project's folder: `node scripts/bench.mjs parity --help`.
 */
import { execFile } from 'node:child_process';
import { parseArgs, promisify } from 'node:util';

import { isDiscrepancy, type Check, type CheckKind } from '../src/engine/parity/checks.js';
import type { GoldenDocument, StepFigures } from '../src/engine/parity/document-types.js';
import { checksAgainstGolden } from '../src/engine/parity/golden.js';
import { runMain } from './run-main.js';

const USAGE = `npm run bench:parity -- [options]

  --reference FILE     the PyTorch reference; default bench/reference/torch_reference.py
  --python FILE        an interpreter with torch and torchvision default /usr/bin/python3
  --twin COMMAND       what is compared with it (default: npm run --silent step --)
  --architecture NAME  default ssdlite320_mobilenet_v3_large
  --variants LIST      default none,default
  --batches LIST       default 2
  --sizes LIST         HEIGHTxWIDTH, default 320x320
  --objects LIST       default 3
  --seeds LIST         default 0
  --threads N          default 2
  --min-size N, --max-size N
  --aux-loss           with a second classifier, of the segmentation networks that have one
  --show N             discrepancies written out for each case, largest first; default 5

A LIST is separated by commas; every combination is a case. Exits with 1 when a case has discrepancies, with 2 when one
could not be run.`;
const MAX_OUTPUT_BYTES = 2 ** 28;

type Options = ReturnType<typeof readOptions>;

/** A case, and the arguments for it that reference and twin share. */
interface ParityCase {
  readonly label: Readonly<Record<'variant' | 'size' | 'batch' | 'objects' | 'seed', string>>;
  readonly args: readonly string[];
}

function readOptions() {
  const { values } = parseArgs({
    options: {
      reference: { type: 'string', default: 'bench/reference/torch_reference.py' },
      python: { type: 'string', default: '/usr/bin/python3' },
      twin: { type: 'string', default: 'npm run --silent step --' },
      architecture: { type: 'string', default: 'ssdlite320_mobilenet_v3_large' },
      variants: { type: 'string', default: 'none,default' },
      batches: { type: 'string', default: '2' },
      sizes: { type: 'string', default: '320x320' },
      objects: { type: 'string', default: '3' },
      seeds: { type: 'string', default: '0' },
      threads: { type: 'string', default: '2' },
      'min-size': { type: 'string' },
      'max-size': { type: 'string' },
      'aux-loss': { type: 'boolean', default: false },
      show: { type: 'string', default: '5' },
      help: { type: 'boolean', default: false },
    },
  });
  return values;
}

/** Every combination of the listed values. */
function casesOf(options: Options): ParityCase[] {
  const bounds = (['min-size', 'max-size'] as const).flatMap((name) => {
    const value = options[name];
    return value === undefined ? [] : [`--${name}`, value];
  });
  const auxiliary = options['aux-loss'] ? ['--aux-loss'] : [];
  const cases: ParityCase[] = [];
  for (const variant of options.variants.split(',')) {
    for (const size of options.sizes.split(',')) {
      for (const batch of options.batches.split(',')) {
        for (const objects of options.objects.split(',')) {
          for (const seed of options.seeds.split(',')) {
            const network = [options.architecture, '--weights-backbone', variant];
            const images = ['--batch', batch, '--image-size', ...size.split('x'), '--objects', objects, '--seed', seed];
            cases.push({
              label: { variant, size, batch, objects, seed },
              args: [...network, ...images, '--threads', options.threads, ...bounds, ...auxiliary],
            });
          }
        }
      }
    }
  }
  return cases;
}

async function printedBy(command: string, args: readonly string[]): Promise<unknown> {
  const { stdout } = await promisify(execFile)(command, args, { maxBuffer: MAX_OUTPUT_BYTES });
  try {
    return JSON.parse(stdout);
  } catch (error) {
    throw new Error(`${command} ${args.join(' ')} printed no JSON: ${stdout.slice(0, 200)}`, { cause: error });
  }
}

function ratio({ error, tolerance }: Check): number {
  if (error === 0) return 0;
  return Number.isNaN(error) ? Infinity : error / tolerance;
}

/** A row of the table. */
function summary(label: ParityCase['label'], golden: GoldenDocument, checks: readonly Check[]): Record<string, string> {
  const ofKind = (...kinds: CheckKind[]): Check[] => checks.filter(({ kind }) => kinds.includes(kind));
  const outside = (...kinds: CheckKind[]): string => String(ofKind(...kinds).filter(isDiscrepancy).length);
  const parameterOf = ({ subject }: Check): string => subject.replace(/^gradients\.|\.(norm|projection)$/g, '');
  const gradients = ofKind('gradient-names', 'gradient-norm', 'gradient-projection');
  const worst = [...gradients].sort((a, b) => ratio(b) - ratio(a))[0];
  const parametersOutside = new Set(gradients.filter(isDiscrepancy).map(parameterOf)).size;
  const exponential = (errors: readonly number[]): string => errors.map((error) => error.toExponential(1)).join(' ');
  return {
    ...label,
    'parameters outside': `${parametersOutside} of ${Object.keys(golden.gradients).length}`,
    'worst error / tolerance': worst ? ratio(worst).toFixed(3) : '-',
    'of parameter': worst ? parameterOf(worst) : '-',
    'loss errors': exponential(ofKind('loss').map(({ error, expected }) => error / Math.abs(Number(expected)))),
    'answers outside': outside('detections', 'label', 'score', 'box'),
    'others outside': outside('case', 'count', 'total'),
    'float32 loss errors': exponential(Object.values(golden.float32_error.losses)),
    'float32 worst gradient': exponential([golden.float32_error.worst_gradient]),
    'float32 answers differ': String(golden.float32_error.detections_differ),
  };
}

/** Runs a case and prints its discrepancies; whether there were any, and its row of the table. */
async function compareCase({ label, args }: ParityCase, options: Options) {
  const golden = (await printedBy(options.python, [options.reference, ...args, '--golden'])) as GoldenDocument;
  const [command = '', ...leading] = options.twin.split(' ');
  const document = (await printedBy(command, [...leading, ...args, '--gradients', '--inference'])) as StepFigures;
  const checks = checksAgainstGolden(document, golden);
  const discrepancies = checks.filter(isDiscrepancy).sort((a, b) => ratio(b) - ratio(a));
  console.log(`${args.join(' ')}: ${discrepancies.length} of ${checks.length} figures outside their tolerance`);
  for (const { subject, expected, actual, error, tolerance } of discrepancies.slice(0, Number(options.show))) {
    console.log(`  ${subject}: expected ${expected}, got ${actual}; off by ${error}, tolerance ${tolerance}`);
  }
  return { row: summary(label, golden, checks), differs: discrepancies.length > 0 };
}

async function main(): Promise<number> {
  const options = readOptions();
  if (options.help) {
    console.log(USAGE);
    return 0;
  }
  const rows: Record<string, string>[] = [];
  let exitCode = 0;
  for (const parityCase of casesOf(options)) {
    try {
      const { row, differs } = await compareCase(parityCase, options);
      rows.push(row);
      if (differs) exitCode = Math.max(exitCode, 1);
    } catch (error) {
      console.error(`${parityCase.args.join(' ')}: ${error instanceof Error ? error.message : String(error)}`);
      exitCode = 2;
    }
  }
  console.table(rows);
  return exitCode;
}

runMain(main, USAGE);
