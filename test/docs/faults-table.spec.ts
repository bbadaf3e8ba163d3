import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');
const HEADING = '## What goes wrong elsewhere, and the test here';

interface Named {
  readonly file: string;
  readonly title: string;
}

/** Rows of the table: a fault, and behind it files with the titles of their tests. */
function rows(): readonly (readonly [fault: string, tests: readonly Named[]])[] {
  const [, section = ''] = readFileSync(join(ROOT, 'docs/measuring.md'), 'utf8').split(HEADING);
  const lines = section.split('\n').filter((line) => line.startsWith('|'));
  // Behind the heading and the rule below it.
  return lines.slice(2).map((line) => {
    const [, fault = '', tests = ''] = line.split('|').map((cell) => cell.trim());
    return [fault, testsIn(tests)];
  });
}

/** `file`: "title", "title"; `file`: "title" */
function testsIn(cell: string): readonly Named[] {
  return [...cell.matchAll(/`([^`]+)`:((?:\s*"[^"]+",?)+)/g)].flatMap(([, file = '', titles = '']) =>
    [...titles.matchAll(/"([^"]+)"/g)].map(([, title = '']) => ({ file, title })),
  );
}

/** A title of a test as it is written in its source, or the name of a row in a table of test cases. */
function isIn(source: string, { file, title }: Named): boolean {
  if (file.endsWith('.csv')) return source.split('\n').some((line) => line.startsWith(`${title},`));
  return [`'${title}',`, `"${title}",`].some((literal) => new RegExp(`\\(\\s*${escaped(literal)}`).test(source));
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

describe('the table of what goes wrong elsewhere', () => {
  it('has rows', () => {
    expect(rows().length).toBeGreaterThanOrEqual(16);
  });

  it.each(rows())('names tests that there are: %s', (_fault, tests) => {
    expect(tests).not.toEqual([]);
    const missing = tests.filter((test) => !isIn(readFileSync(join(ROOT, test.file), 'utf8'), test));
    expect(missing).toEqual([]);
  });

  it('would be told of a test that is gone', () => {
    const file = 'test/docs/faults-table.spec.ts';
    const source = readFileSync(join(ROOT, file), 'utf8');
    expect(isIn(source, { file, title: 'has rows' })).toBe(true);
    expect(isIn(source, { file, title: 'has row' })).toBe(false);
  });
});
