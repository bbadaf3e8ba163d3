import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ArchitectureFactsService } from '../../../src/architectures/architecture-facts.service.js';
import { summarise } from '../../../src/architectures/architecture-summary.js';
import { architectures } from '../../../src/engine/zoo/catalogue.js';
import { architecturesPage } from './architectures-page.js';

const FILE = join(__dirname, '../../../docs/architectures.md');

it('docs/architectures.md has every architecture; `npm run architectures` writes it', async () => {
  const facts = new ArchitectureFactsService();
  const summaries = await Promise.all(
    [...architectures.values()].map((description) =>
      summarise(description, (options) => facts.inTurn(description, options)),
    ),
  );
  const page = architecturesPage(summaries);
  const { WRITE_GENERATED_TO } = process.env;
  if (WRITE_GENERATED_TO !== undefined) {
    writeFileSync(WRITE_GENERATED_TO, page);
  }
  expect(readFileSync(FILE, 'utf8')).toBe(page);
});
