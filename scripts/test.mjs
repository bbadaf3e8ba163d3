// `npm test`: runs all tests, or those that the arguments choose, after installing and building what is missing.
// They need the build: measurements are made by a child process that is forked from it.
import process from 'node:process';
import { prepare, service } from './prepare.mjs';

// These compute, and measure nothing: they may run side by side. What starts services and measures would be in the way of
// its like, and takes one core for itself and the other for what it measures.
const COMPUTING = ['test/engine/', 'test/catalogue/', 'test/unit/prediction/'];

prepare(service);
process.env.NODE_ENV = process.env.NODE_ENV ?? 'test';
const { run } = await import('jest');
const chosen = process.argv.slice(2);
if (chosen.length > 0) {
  await run(chosen);
} else {
  await run(['--maxWorkers=2', ...COMPUTING]);
  await run(['--runInBand', '--testPathIgnorePatterns', '/node_modules/', ...COMPUTING]);
}
