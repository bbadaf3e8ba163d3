// `npm run architectures`: writes docs/architectures.md, and the list in README.md.
import { writeByTest } from './write-by-test.mjs';

await writeByTest('test/unit/architectures/architectures-page', ['docs/architectures.md', 'README.md']);
