import { untrainableReason } from '../../src/engine/zoo/facts.js';
import { fits, largestBatch } from '../../src/prediction/fit.js';
import type { Interval, Prediction } from '../../src/prediction/prediction.js';
import type { Workload } from '../../src/profiles/workload.js';
import { describeWorkload } from './measure-grid.js';
import { type LimitedOutcome, runWithin } from './limited-run.js';

/** Of a workload's predicted need, by which limits differ from it on either side. */
const NEARNESS = 0.2;
/** So many images need about what the limit is, of which the largest batch is looked for. */
const IMAGES_OF_LIMIT = 8;
const MOST_IMAGES = 1024;
/** The batch that must not run, over the largest that fits. */
const TOO_LARGE = 1.15;
const MEBIBYTE = 2 ** 20;

export type PredictWorkload = (workload: Workload) => Prediction | null;

/** What was said of a workload and a limit, and what became of it. */
export interface FitTrial {
  readonly verdict: boolean;
  readonly outcome: LimitedOutcome;
}

/** Wrong verdicts as shares of those that say the same. */
export interface FitErrors {
  readonly fits: number;
  readonly wrongFits: number;
  readonly doesNotFit: number;
  readonly wrongDoesNotFit: number;
}

/** Limits are drawn around what each is predicted to need. @param random from 0 to 1 */
export async function tryFits(
  workloads: readonly Workload[],
  predict: PredictWorkload,
  random: () => number,
): Promise<readonly FitTrial[]> {
  const trials: FitTrial[] = [];
  for (const workload of workloads) {
    const needed = predict(workload)?.neededBytes;
    if (needed === undefined) continue;
    const limitBytes = Math.round(needed.central * (1 - NEARNESS + 2 * NEARNESS * random()));
    const verdict = fits(needed, limitBytes);
    const outcome = await runWithin(workload, limitBytes);
    trials.push({ verdict, outcome });
    console.log(`${trials.length}: ${describeWorkload(workload)}: ${tell(needed, limitBytes, verdict)}; ${outcome}`);
  }
  return trials;
}

export function fitErrors(trials: readonly FitTrial[]): FitErrors {
  const ofVerdict = (verdict: boolean): readonly FitTrial[] => trials.filter((trial) => trial.verdict === verdict);
  return {
    fits: ofVerdict(true).length,
    wrongFits: ofVerdict(true).filter(({ outcome }) => outcome !== 'ran').length,
    doesNotFit: ofVerdict(false).length,
    wrongDoesNotFit: ofVerdict(false).filter(({ outcome }) => outcome === 'ran').length,
  };
}

/** Whether the largest batch that is said to fit runs, and one that is 1.15 times as large, at least one more, does not. */
export async function tryLargestBatch(workload: Workload, predict: PredictWorkload): Promise<boolean> {
  const { architecture, applicationType, options, imageSize } = workload;
  const isSingleComputed =
    applicationType === 'inference' || untrainableReason(architecture, options, 1, imageSize) === null;
  const fewest = isSingleComputed ? 1 : 2;
  const neededOf = (images: number): Interval | null =>
    predict({ ...workload, batchSize: Math.max(images, fewest) })?.neededBytes ?? null;
  const limitBytes = Math.round(neededOf(IMAGES_OF_LIMIT)?.central ?? 0);
  const largest = largestBatch(neededOf, limitBytes, MOST_IMAGES);
  if (largest === null || largest === 0) {
    console.log(`${describeWorkload(workload)}: no batch is said to fit within ${mebibytes(limitBytes)}: MISSED`);
    return false;
  }
  const tooLarge = Math.max(largest + 1, Math.ceil(TOO_LARGE * largest));
  const fitting = await runWithin({ ...workload, batchSize: largest }, limitBytes);
  const failing = await runWithin({ ...workload, batchSize: tooLarge }, limitBytes);
  const met = fitting === 'ran' && failing !== 'ran';
  console.log(
    `${describeWorkload(workload)}: within ${mebibytes(limitBytes)} the largest batch is ${largest}: ${fitting}; ` +
      `${tooLarge}: ${failing}; ${met ? 'met' : 'MISSED'}`,
  );
  return met;
}

function tell({ central, high }: Interval, limitBytes: number, verdict: boolean): string {
  return `needs ${mebibytes(central)}, at most ${mebibytes(high)}; within ${mebibytes(limitBytes)} it ${verdict ? 'fits' : 'does not fit'}`;
}

function mebibytes(bytes: number): string {
  return `${(bytes / MEBIBYTE).toFixed(0)} MiB`;
}
