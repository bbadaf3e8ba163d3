/**
 * A table of text, the first line its headings.
 *
 * @param markdown as a Markdown table; else with columns of equal width
 */
export function textTable(cells: readonly (readonly string[])[], markdown: boolean): string {
  const [headings = [], ...body] = cells;
  const widths = headings.map((_, column) => Math.max(...cells.map((line) => line[column]?.length ?? 0)));
  const padded = (line: readonly string[]): string[] => line.map((cell, column) => cell.padEnd(widths[column] ?? 0));
  if (!markdown) return cells.map((line) => padded(line).join('  ').trimEnd()).join('\n');
  const rule = widths.map((width) => '-'.repeat(width));
  return [padded(headings), rule, ...body.map(padded)].map((line) => `| ${line.join(' | ')} |`).join('\n');
}
