import type { ArchitectureSummary } from '../../src/architectures/architecture-summary.js';
import type { IntegerSetting } from '../../src/architectures/request-fields.js';
import { snakeCase } from '../../src/common/codec.js';
import type { Task } from '../../src/engine/zoo/description.js';

const HEADINGS: Readonly<Record<Task, string>> = {
  detection: 'objects in boxes',
  instance: 'objects in boxes, with masks',
  segmentation: 'a class for each pixel',
  classification: 'a class for each image',
};

const INTRODUCTION = `# Architectures

By torchvision's names, as its builders make them when called without weights. Parameters are those of the default options, multiply-accumulates those of convolutions and linear
layers in the forward pass of one image of the default size: with all proposals that a network takes, and without masks. \`GET /api/v1/architectures\` tells the same, and the limits
and defaults of each field.

\`npm run architectures\` writes this page, and the list in the README; a test fails while they are stale.`;

const COUNTS = `## Counts

What decides the work in an image beside its size: what a request is taken to mean when it says nothing, and the most that it can ask for with the default options and images of the
default size.
[measuring.md](measuring.md#work-like-that-of-a-trained-network) tells what they are.`;

const COLUMNS = ['Name', 'Parameters', 'of which train', 'Multiply-accumulates, 10^9', 'Default size', 'Options'];

/** Markdown, as Prettier formats it. */
export function architecturesPage(summaries: readonly ArchitectureSummary[]): string {
  const sections = (Object.keys(HEADINGS) as Task[])
    .map((task) => ({ task, rows: summaries.filter((summary) => summary.task === task).map(cells) }))
    .filter(({ rows }) => rows.length > 0)
    .map(({ task, rows }) => `## \`${task}\`: ${HEADINGS[task]}\n\n${table(COLUMNS, rows)}`);
  return `${[INTRODUCTION, ...sections, COUNTS, countsTable(summaries)].join('\n\n')}\n`;
}

/** Names alone, a line a task; with the empty lines around it that Prettier wants. */
export function architecturesList(summaries: readonly ArchitectureSummary[]): string {
  const lines = (Object.keys(HEADINGS) as Task[]).flatMap((task) => {
    const names = summaries.filter((summary) => summary.task === task).map(({ name }) => `\`${name}\``);
    return names.length === 0 ? [] : [`- **${task}** (${HEADINGS[task]}): ${names.join(', ')}`];
  });
  return `\n${lines.join('\n')}\n\n`;
}

function countsTable(summaries: readonly ArchitectureSummary[]): string {
  const cell = ({ default: usual, maximum }: IntegerSetting): string =>
    `${usual.toLocaleString('en')} of ${maximum.toLocaleString('en')}`;
  const columns = ['Name', 'Objects', 'Positives', 'Candidates', 'Detections'];
  const rows = summaries.flatMap(({ name, counts }) => {
    if (counts === null) return [];
    const { training, inference } = counts;
    const positives = training.positivesPerImage && cell(training.positivesPerImage);
    const objects = cell(training.objectsPerImage);
    const found = [cell(inference.candidatesPerImage), cell(inference.detectionsPerImage)];
    return [[`\`${name}\``, objects, positives ?? 'by the objects', ...found]];
  });
  return table(columns, rows);
}

function cells(summary: ArchitectureSummary): string[] {
  const options = Object.entries(summary.options).filter(([, field]) => field !== undefined);
  return [
    `\`${summary.name}\``,
    summary.parameters.toLocaleString('en'),
    summary.trainableParameters.toLocaleString('en'),
    (summary.forwardMultiplyAccumulates / 1e9).toFixed(3),
    summary.defaultImageSize.join('x'),
    options.map(([name]) => `\`${snakeCase(name)}\``).join(', '),
  ];
}

function table(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = columns.map((column, index) => Math.max(column.length, ...rows.map((row) => row[index]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    `| ${widths.map((width, index) => (row[index] ?? '').padEnd(width)).join(' | ')} |`;
  return [line(columns), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}
