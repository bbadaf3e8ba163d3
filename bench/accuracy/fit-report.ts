import { Predictor } from '../../src/prediction/predictor.js';
import type { Workload } from '../../src/profiles/workload.js';
import { workloadKey } from '../../src/profiles/workload-key.js';
import { seededRandom } from '../seeded-random.js';
import { UsageError } from '../step-options.js';
import { fitErrors, type PredictWorkload, tryFits, tryLargestBatch } from './fit-trials.js';
import { drawGrid } from './grid.js';
import { LimitedGroup } from './limited-group.js';
import type { MeasuredPoint } from './measured-point.js';
import type { AccuracyOptions } from './options.js';

/** Most that wrong verdicts may be, as shares of those that say the same. */
const AIMS = { wrongFits: 0.02, wrongDoesNotFit: 0.1 };
/** One of each task, and one whose memory is mostly weights. */
const LARGEST = [
  'resnet50',
  'ssdlite320_mobilenet_v3_large',
  'lraspp_mobilenet_v3_large',
  'mobilenet_v2',
  'fasterrcnn_mobilenet_v3_large_320_fpn',
];
/** Enough memory to see whether a limit can be set. */
const ANY_LIMIT = 2 ** 30;

/**
 * Holds what is said to fit against what the kernel lets run; the predictor knows what was measured of the grid.
 *
 * @returns the exit code
 */
export async function reportFit(
  options: AccuracyOptions,
  grid: readonly Workload[],
  points: readonly MeasuredPoint[],
): Promise<number> {
  if (points.length === 0) throw new UsageError('--fit and --largest go by measurements: name a FILE that has some');
  const reason = whyNoLimit();
  if (reason !== null) {
    console.log(`SKIPPED: no memory limit can be imposed on a process here: ${reason}`);
    return 0;
  }
  const predictor = new Predictor(points.map(({ observation }) => observation));
  const predict: PredictWorkload = (workload) => predictor.predict(workload);
  const met: boolean[] = [];
  if (options.fit) met.push(await reportTrials(options, grid, predict));
  if (options.largest) met.push(await reportLargest(grid, predict));
  return met.every(Boolean) ? 0 : 1;
}

async function reportTrials(
  { plans, seed, runtime, trials }: AccuracyOptions,
  grid: readonly Workload[],
  predict: PredictWorkload,
): Promise<boolean> {
  const known = new Set(grid.map(workloadKey));
  const [{ threads } = { threads: 1 }] = grid;
  const drawn = drawGrid(plans, { seed: seed + 1, workloads: Math.ceil(trials / plans.length), runtime, threads });
  const unknown = drawn.filter((workload) => !known.has(workloadKey(workload))).slice(0, trials);
  const made = await tryFits(unknown, predict, seededRandom(seed));
  const errors = fitErrors(made);
  const tell = (wrong: number, all: number, what: string, most: number): boolean => {
    // Of what was never said it is not known how often it is wrong.
    const isMet = all > 0 && wrong <= most * all;
    const share = all === 0 ? '' : ` (${((100 * wrong) / all).toFixed(1)} %)`;
    console.log(
      `of ${all} that were said ${what} ${wrong} were wrong${share}; aim, ${100 * most} % at most: ${told(isMet)}`,
    );
    return isMet;
  };
  const unpredicted = unknown.length - made.length;
  console.log(`\n${unpredicted} of ${unknown.length} could not be predicted; aim, none: ${told(unpredicted === 0)}`);
  const met = [
    unpredicted === 0,
    tell(errors.wrongFits, errors.fits, 'to fit', AIMS.wrongFits),
    tell(errors.wrongDoesNotFit, errors.doesNotFit, 'not to fit', AIMS.wrongDoesNotFit),
  ];
  return met.every(Boolean);
}

async function reportLargest(grid: readonly Workload[], predict: PredictWorkload): Promise<boolean> {
  const met: boolean[] = [];
  for (const name of LARGEST) {
    const own = grid.filter(
      ({ architecture, applicationType }) => architecture === name && applicationType === 'training',
    );
    const [first, ...others] = own;
    if (first === undefined) continue;
    met.push(await tryLargestBatch(others.reduce(largerImages, first), predict));
  }
  console.log(`the largest batch was found for ${met.filter(Boolean).length} of ${met.length} architectures`);
  return met.length > 0 && met.every(Boolean);
}

/** Images weigh more then, beside what a network takes whatever its batch. */
function largerImages(one: Workload, other: Workload): Workload {
  const pixels = ({ imageSize: [height, width] }: Workload): number => height * width;
  return pixels(other) > pixels(one) ? other : one;
}

/** Null where a limit can be imposed. */
function whyNoLimit(): string | null {
  try {
    LimitedGroup.create(ANY_LIMIT).remove();
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function told(met: boolean): string {
  return met ? 'met' : 'MISSED';
}
