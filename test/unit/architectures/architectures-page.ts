import type { ArchitectureSummary } from '../../../src/architectures/architecture-summary.js';
import { snakeCase } from '../../../src/common/codec.js';
import type { Task } from '../../../src/engine/zoo/description.js';

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

\`npm run architectures\` writes this page; a test fails while it is stale.`;

const COLUMNS = ['Name', 'Parameters', 'of which train', 'Multiply-accumulates, 10^9', 'Default size', 'Options'];

/** Markdown, as Prettier formats it. */
export function architecturesPage(summaries: readonly ArchitectureSummary[]): string {
  const sections = (Object.keys(HEADINGS) as Task[])
    .map((task) => ({ task, rows: summaries.filter((summary) => summary.task === task).map(cells) }))
    .filter(({ rows }) => rows.length > 0)
    .map(({ task, rows }) => `## \`${task}\`: ${HEADINGS[task]}\n\n${table(COLUMNS, rows)}`);
  return `${[INTRODUCTION, ...sections].join('\n\n')}\n`;
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
