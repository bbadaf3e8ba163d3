// `npm run bench:NAME`: runs bench/NAME.ts, after installing and building what is missing.
import process from 'node:process';
import { benches, prepare, runBuilt } from './prepare.mjs';

prepare(benches);
// The bench reads its own arguments, which follow its name.
const [name = ''] = process.argv.splice(2, 1);
await runBuilt(`bench/bench/${name}.js`);
