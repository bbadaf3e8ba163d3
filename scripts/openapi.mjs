// `npm run openapi`: writes docs/openapi.json.
import { writeByTest } from './write-by-test.mjs';

await writeByTest('test/http/openapi', ['docs/openapi.json']);
