// `npm run architectures`: writes docs/architectures.md, and the list in README.md.
import { writeByTest } from './write-by-test.mjs';

await writeByTest('test/catalogue/architectures-page', ['docs/architectures.md', 'README.md']);
