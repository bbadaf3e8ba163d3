import { architectureTable, errorTable, QUESTIONS, questionsOf } from './error-tables.js';
import type { RuntimeName } from '../../src/profiles/workload.js';
import { type AccuracyResults, outcomesIn } from './results.js';

/** Name of a runtime's page, and of the figures behind it. */
export function pageOf(runtime: RuntimeName): string {
  return runtime === 'onnxruntime' ? 'accuracy' : `accuracy-${runtime}`;
}

function introduction(runtime: RuntimeName): string {
  const [title, command] =
    runtime === 'onnxruntime'
      ? ['Accuracy', 'npm run accuracy']
      : [`Accuracy with ${runtime}`, `npm run accuracy -- --runtime ${runtime}`];
  return `# ${title}

How far predictions are from what is measured, and how often their 90 % intervals hold. Workloads of a grid are measured as the service measures them, and each is predicted from measurements that do
not contain it:

- **inside the measured range**: one workload of each architecture is left out at a time, and all others are known. It counts where batch, size and counts lie within the ranges of the others of its architecture.
- **up to 2x beyond it**: of a quarter of the architectures only batches, or sizes, of at most half of the largest are known; those of up to twice as large as the largest known count.
- **an architecture never run here**: all measurements of the architecture are left out, training and inference.

Errors are absolute, in percent of what was measured. p is how likely as many figures, or as few, lie in their intervals when 90 of 100 do (exact two-sided binomial test).
\`${command}\` measures and writes this page and the figures behind it, [${pageOf(runtime)}.json](${pageOf(runtime)}.json); a test fails when the page is not what the figures come to. On another machine the errors are
others: run it there.`;
}

/** Markdown, as Prettier formats it. */
export function accuracyPage(results: AccuracyResults): string {
  const outcomes = outcomesIn(results);
  const sections = questionsOf(outcomes).map(
    (question) => `## By architecture: ${QUESTIONS[question]}\n\n${architectureTable(outcomes, question, true)}`,
  );
  return `${[introduction(results.runtime?.name ?? 'onnxruntime'), '## This run', runText(results), errorTable(outcomes, true), ...sections].join('\n\n')}\n`;
}

function runText({ measured, machine, runtime, grid, points, unanswered }: AccuracyResults): string {
  const [first, last] = measured;
  const architectures = new Set(points.map(({ architecture }) => architecture)).size;
  const { cpuModel, allowedCores, memoryBytes, kernel, nodeVersion, onnxruntimeVersion, engineVersion } = machine;
  const { seed, workloads, limits, failed, disturbed } = grid;
  return [
    `- Measured ${first === last ? `on ${first}` : `from ${first} to ${last}`}, on ${allowedCores} cores of ${cpuModel} with ${(memoryBytes / 2 ** 30).toFixed(1)} GiB, kernel ${kernel}.`,
    `- Version ${engineVersion}, ${runtime ? `${runtime.name} ${runtime.version}` : `onnxruntime ${onnxruntimeVersion}`}, Node.js ${nodeVersion}.`,
    `- ${points.length} workloads of ${architectures} architectures, of a grid of ${workloads} drawn with seed ${seed}; each within ${limits.maxSteps} steps and ${limits.maxSeconds} s. ` +
      `${failed} could not be measured, and ${disturbed} were left out because something else took more than 5 % of the machine each time, or traced steps took a fifth more or less than others. Of what was asked, ${unanswered} could not be predicted.`,
  ].join('\n');
}
