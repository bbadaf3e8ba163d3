// `npm run calibrate`: measures what predictions need on this machine, after installing and building what is missing.
import { prepare, runBuilt, service } from './prepare.mjs';

prepare(service);
await runBuilt('calibrate.js');
