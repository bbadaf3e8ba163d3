// `npm run step`: computes one step and prints it as JSON, after installing and building what is missing.
import { prepare, runBuilt, service } from './prepare.mjs';

prepare(service);
await runBuilt('step.js');
