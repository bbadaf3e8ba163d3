// `npm run arena`: writes src/prediction/arena-shares.json.
import { writeByTest } from './write-by-test.mjs';

await writeByTest('test/catalogue/arena-shares', ['src/prediction/arena-shares.json']);
