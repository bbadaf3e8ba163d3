import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { accuracyPage, pageOf } from '../../bench/accuracy/page.js';
import type { AccuracyResults } from '../../bench/accuracy/results.js';
import { RUNTIMES } from '../../src/profiles/workload.js';

describe.each(RUNTIMES)('the page of accuracy with %s, as `npm run accuracy` writes it', (runtime) => {
  const page = join(__dirname, `../../docs/${pageOf(runtime)}.md`);
  const figures = join(__dirname, `../../docs/${pageOf(runtime)}.json`);

  it('is there where there are figures, and only there', () => {
    expect(existsSync(page)).toBe(existsSync(figures));
  });

  it('tells what the figures come to', () => {
    if (!existsSync(figures)) return;
    const results = JSON.parse(readFileSync(figures, 'utf8')) as AccuracyResults;
    expect(readFileSync(page, 'utf8')).toBe(accuracyPage(results));
  });
});
