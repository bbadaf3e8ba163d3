import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { accuracyPage } from '../../bench/accuracy/page.js';
import type { AccuracyResults } from '../../bench/accuracy/results.js';

const PAGE = join(__dirname, '../../docs/accuracy.md');
const RESULTS = join(__dirname, '../../docs/accuracy.json');

describe('docs/accuracy.md, as `npm run accuracy` writes it', () => {
  it('is there where there are figures, and only there', () => {
    expect(existsSync(PAGE)).toBe(existsSync(RESULTS));
  });

  it('tells what the figures come to', () => {
    if (!existsSync(RESULTS)) return;
    const results = JSON.parse(readFileSync(RESULTS, 'utf8')) as AccuracyResults;
    expect(readFileSync(PAGE, 'utf8')).toBe(accuracyPage(results));
  });
});
