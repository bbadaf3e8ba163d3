import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ArchitectureFactsService } from '../../src/architectures/architecture-facts.service.js';
import { summarise, type ArchitectureSummary } from '../../src/architectures/architecture-summary.js';
import { architectures } from '../../src/engine/zoo/catalogue.js';
import { architecturesList, architecturesPage } from './architectures-page.js';

const PAGE = join(__dirname, '../../docs/architectures.md');
const README = join(__dirname, '../../README.md');
/** What stands between the two marks is generated. */
const LIST = /(?<=<!-- architectures -->\n).*(?=<!-- end of architectures -->)/s;

describe('every architecture, as `npm run architectures` writes it', () => {
  let summaries: readonly ArchitectureSummary[];

  beforeAll(async () => {
    const facts = new ArchitectureFactsService();
    const described = [...architectures.values()].map((description) =>
      summarise(description, (options) => facts.inTurn(description, options)),
    );
    summaries = await Promise.all(described);
  });

  it('is in docs/architectures.md', () => {
    expectIn(PAGE, architecturesPage(summaries));
  });

  it('is in README.md', () => {
    const readme = readFileSync(README, 'utf8');
    expect(readme).toMatch(LIST);
    expectIn(README, readme.replace(LIST, architecturesList(summaries)));
  });
});

function expectIn(file: string, content: string): void {
  if (process.env.WRITE_GENERATED !== undefined) {
    writeFileSync(file, content);
  }
  expect(readFileSync(file, 'utf8')).toBe(content);
}
