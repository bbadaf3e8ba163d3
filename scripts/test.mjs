// `npm test`: runs all tests, or those that the arguments choose, after installing and building what is missing.
// They need the build: measurements are made by a child process that is forked from it.
import process from 'node:process';
import { prepare, service } from './prepare.mjs';

prepare(service);
process.env.NODE_ENV = process.env.NODE_ENV ?? 'test';
const { run } = await import('jest');
await run(process.argv.slice(2));
