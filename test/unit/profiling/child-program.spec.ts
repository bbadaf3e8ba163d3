import { execFileSync } from 'node:child_process';
import { MEASURING_PROGRAM } from '../../../src/profiling/child-program.js';

/** Fills both halves of the space for new objects, as building a graph does: every other object lives for a while. */
const SCRIPT = `
  const memory = () => process.memoryUsage().rss;
  globalThis.gc();
  const before = memory();
  let kept = [];
  for (let made = 0; made < 3e6; made++) {
    const object = { made, text: [made] };
    if (made % 2 === 0) kept.push(object);
    if (kept.length > 2e5) kept = [];
  }
  kept = null;
  globalThis.gc();
  globalThis.gc();
  console.log(memory() - before);
`;

describe('the measuring program', () => {
  it('gives back nearly all that was garbage, so that peaks are of the workload', () => {
    const left = Number(
      execFileSync(process.execPath, [...MEASURING_PROGRAM.execArgv, '-e', SCRIPT], { encoding: 'utf8' }),
    );
    expect(left).toBeLessThan(16 * 2 ** 20);
  });
});
