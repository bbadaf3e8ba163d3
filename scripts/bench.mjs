// `npm run bench:NAME`: runs bench/NAME.ts, after installing and building what is missing.
import process from 'node:process';
import { benches, prepare, runBuilt, service } from './prepare.mjs';

// The bench reads its own arguments, which follow its name.
const [name = ''] = process.argv.splice(2, 1);
// Of those that start the service; before the benches, whose build it clears away.
if (['kill', 'http', 'check-training', 'check-gpu'].includes(name)) prepare(service);
prepare(benches);
await runBuilt(`bench/bench/${name}.js`);
