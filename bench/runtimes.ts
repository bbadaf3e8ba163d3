/**
 * onnxruntime and PyTorch side by side: each architecture is measured by both, in turn, as the service does it. Run it with
 * `npm run bench:runtimes -- --help`.
 */
import { parseArgs } from 'node:util';
import { architectures } from '../src/engine/zoo/catalogue.js';
import { medianOf } from '../src/profiling/child/distribution.js';
import { type ApplicationType, type RuntimeName, RUNTIMES } from '../src/profiles/workload.js';
import type { CaseWishes } from './bench-case.js';
import { measureAlone } from './measurer.js';
import { requestedWorkload } from './requested-workload.js';
import { runMain } from './run-main.js';
import { imageSizeOf, UsageError, wholeNumber } from './step-options.js';
import { textTable } from './text-table.js';

const USAGE = `npm run bench:runtimes -- [ARCHITECTURE ...] [options]

  ARCHITECTURE         by torchvision's names; default all of the catalogue
  --usual              images and batches as usually quoted; default small ones
  --batch-size N       images
  --image-size HxW
  --rounds N           of each runtime, in turn; default 2
  --seconds N          most seconds of warm-up and timed steps together; default 5
  --markdown           the table for a document

The Python with torch is that of PYTHON (default python3). Ratios are onnxruntime over PyTorch.`;

interface Figures {
  readonly stepSeconds: number;
  readonly peakRssBytes: number;
}

type ByRuntime = Readonly<Record<RuntimeName, Figures>>;

const APPLICATIONS: readonly ApplicationType[] = ['training', 'inference'];

async function compared(
  architecture: string,
  applicationType: ApplicationType,
  wishes: CaseWishes,
  rounds: number,
  maxSeconds: number,
): Promise<ByRuntime> {
  const measured: Record<RuntimeName, Figures[]> = { onnxruntime: [], pytorch: [] };
  for (let round = 0; round < rounds; round++) {
    // In turn, and every other round the other one first: what changes slowly is not taken for a difference.
    for (const runtime of round % 2 === 0 ? RUNTIMES : [...RUNTIMES].reverse()) {
      const workload = requestedWorkload(architecture, applicationType, wishes, runtime);
      const { times, memory } = await measureAlone(workload, { maxSeconds });
      measured[runtime].push({ stepSeconds: times.stepSeconds.median, peakRssBytes: memory.peakRssBytes });
    }
  }
  const median = (figures: readonly Figures[]): Figures => ({
    stepSeconds: medianOf(figures.map(({ stepSeconds }) => stepSeconds)),
    peakRssBytes: medianOf(figures.map(({ peakRssBytes }) => peakRssBytes)),
  });
  return { onnxruntime: median(measured.onnxruntime), pytorch: median(measured.pytorch) };
}

const HEADINGS = [
  'architecture',
  ...APPLICATIONS.flatMap((application) => [
    `${application}, ms: onnxruntime`,
    'PyTorch',
    'ratio',
    'peak, MiB: onnxruntime',
    'PyTorch',
    'ratio',
  ]),
];

function cellsOf({ onnxruntime, pytorch }: ByRuntime): readonly string[] {
  const milliseconds = (seconds: number): string => (1000 * seconds).toFixed(1);
  const mebibytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(0);
  const ratio = (part: keyof Figures): string => (onnxruntime[part] / pytorch[part]).toFixed(2);
  return [
    milliseconds(onnxruntime.stepSeconds),
    milliseconds(pytorch.stepSeconds),
    ratio('stepSeconds'),
    mebibytes(onnxruntime.peakRssBytes),
    mebibytes(pytorch.peakRssBytes),
    ratio('peakRssBytes'),
  ];
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      usual: { type: 'boolean', default: false },
      'batch-size': { type: 'string' },
      'image-size': { type: 'string' },
      rounds: { type: 'string', default: '2' },
      seconds: { type: 'string', default: '5' },
      markdown: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  const batch = values['batch-size'];
  const wishes: CaseWishes = {
    quick: !values.usual,
    ...(batch === undefined ? {} : { batch: wholeNumber('batch-size', batch) }),
    ...imageSizeOf(values['image-size']),
  };
  const rounds = wholeNumber('rounds', values.rounds);
  const seconds = wholeNumber('seconds', values.seconds);
  const names = positionals.length > 0 ? positionals : [...architectures.keys()];
  const unknown = names.find((name) => !architectures.has(name));
  if (unknown !== undefined) throw new UsageError(`there is no architecture "${unknown}"`);
  const rows: (readonly string[])[] = [];
  for (const name of names) {
    const cells: string[] = [name];
    for (const application of APPLICATIONS) {
      cells.push(...cellsOf(await compared(name, application, wishes, rounds, seconds)));
    }
    console.error(cells.join('  '));
    rows.push(cells);
  }
  console.log(textTable([HEADINGS, ...rows], values.markdown));
  return 0;
}

runMain(main, USAGE);
