import { resolve } from 'node:path';
import type { Machine } from '../../src/hardware/machine.js';
import type { Workload } from '../../src/profiles/workload.js';
import { writeAtomically } from '../../src/profiles/write-atomically.js';
import { allMet, architectureTable, errorTable, QUESTIONS, questionsOf, withoutFigures } from './error-tables.js';
import { errorsOf } from './errors.js';
import { examine } from './examine.js';
import { isDisturbed } from './measured-point.js';
import type { AccuracyOptions } from './options.js';
import type { Outcome } from './outcome.js';
import { accuracyPage, pageOf } from './page.js';
import type { PointsFile } from './points-file.js';
import { resultsOf, resultsText } from './results.js';

/** What a page needs to say anything: architectures, and workloads of each, for training and for inference each. */
const LEAST_ARCHITECTURES = 8;
const LEAST_WORKLOADS = 6;
/** Median error of all times, and of all peaks, above which a small grid fails too. */
const GROSS_ERROR = 0.25;

/** Predicts what was measured, and prints how well; of a whole grid the page is written too. @returns the exit code */
export async function report(
  options: AccuracyOptions,
  grid: readonly Workload[],
  file: PointsFile,
  machine: Machine,
): Promise<number> {
  const measured = file.measuredOf(grid);
  const undisturbed = measured.filter((point) => !isDisturbed(point));
  // The small grid is for machines that are never quiet, too: there peaks still say something.
  const isBusy = options.quick && 2 * undisturbed.length < measured.length;
  const points = isBusy ? measured : undisturbed;
  const failed = file.failuresOf(grid).length;
  const disturbed = measured.length - points.length;
  console.log(`${points.length} of ${grid.length} measured, ${failed} failed, ${disturbed} left out as disturbed`);
  const { outcomes, unanswered } = examine(points);
  console.log(`${outcomes.length} figures predicted; of what was asked ${unanswered} could not be\n`);
  console.log(errorTable(outcomes, false));
  for (const question of questionsOf(outcomes)) {
    console.log(`\n${QUESTIONS[question]}:\n${architectureTable(outcomes, question, false)}`);
  }
  if (options.quick) return verdictOnQuick(outcomes, isBusy);
  const { seed, runtime, limits } = options;
  const page = `docs/${pageOf(runtime)}`;
  const about = { seed, workloads: grid.length, limits, failed, disturbed };
  const whole = isWhole(points.map(({ observation }) => observation.workload));
  if (whole) {
    const results = resultsOf({ runtime, machine, grid: about, points, outcomes, unanswered });
    await writeAtomically(resolve(`${page}.json`), resultsText(results));
    await writeAtomically(resolve(`${page}.md`), accuracyPage(results));
    console.log(`\n${page}.md and ${page}.json are written`);
  } else {
    console.log(
      `\n${page}.md is left as it is: it needs ${LEAST_WORKLOADS} workloads of ${LEAST_ARCHITECTURES} architectures, for training and inference each`,
    );
  }
  const missing = whole ? withoutFigures(outcomes) : [];
  for (const what of missing) console.log(`no figure of ${what}: MISSED`);
  if (unanswered > 0) console.log(`${unanswered} workloads could not be predicted: MISSED`);
  return allMet(outcomes) && missing.length === 0 && unanswered === 0 ? 0 : 1;
}

/** Of a few seconds on a machine that may be busy, only what is far off says anything. */
function verdictOnQuick(outcomes: readonly Outcome[], isBusy: boolean): number {
  const times = errorsOf(outcomes.filter(({ quantity }) => quantity !== 'memory'));
  const memory = errorsOf(outcomes.filter(({ quantity }) => quantity === 'memory'));
  if (times === null || memory === null) {
    console.log('\nnothing could be predicted: MISSED');
    return 1;
  }
  const met = (isBusy || times.median <= GROSS_ERROR) && memory.median <= GROSS_ERROR;
  if (isBusy) console.log('\nSKIPPED: of times nothing is said, for most measurements were disturbed by others');
  console.log(
    `\npooled median errors: times ${(100 * times.median).toFixed(1)} %, peaks ${(100 * memory.median).toFixed(1)} %; ` +
      `aim, ${100 * GROSS_ERROR} % at most: ${met ? 'met' : 'MISSED'}`,
  );
  return met ? 0 : 1;
}

/** Whether there is enough of each architecture, and enough of them. */
function isWhole(workloads: readonly Workload[]): boolean {
  const counts = new Map<string, number>();
  for (const { architecture, applicationType } of workloads) {
    const kind = `${architecture} ${applicationType}`;
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  const names = [...new Set(workloads.map(({ architecture }) => architecture))];
  const whole = names.filter((name) =>
    ['training', 'inference'].every((kind) => (counts.get(`${name} ${kind}`) ?? 0) >= LEAST_WORKLOADS),
  );
  return whole.length >= LEAST_ARCHITECTURES;
}
