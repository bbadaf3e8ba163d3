// `npm run bench:NAME`: runs bench/NAME.ts, after installing and building what is missing.
import process from 'node:process';
import { benches, prepare, runBuilt, service } from './prepare.mjs';

// The bench reads its own arguments, which follow its name.
const [name = ''] = process.argv.splice(2, 1);
// Before the benches, whose build it clears away.
if (name === 'kill') prepare(service);
prepare(benches);
await runBuilt(`bench/bench/${name}.js`);
