// A generated file is made by the test that fails once it is stale, so the two cannot disagree.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';

/**
 * Has a test write the files that it holds, which are then formatted.
 *
 * @param {string} test path of the test, as Jest takes it
 * @param {string[]} names paths of the files from the root of the repository
 */
export async function writeByTest(test, names) {
  const root = fileURLToPath(new URL('..', import.meta.url));
  const jest = createRequire(import.meta.url).resolve('jest/bin/jest');
  const { status } = spawnSync(process.execPath, [jest, test], {
    cwd: root,
    env: { ...process.env, WRITE_GENERATED: 'yes' },
    stdio: 'inherit',
  });
  if (status !== 0) {
    process.exitCode = 1;
    return;
  }
  for (const name of names) {
    const file = `${root}${name}`;
    const options = await resolveConfig(file);
    writeFileSync(file, await format(readFileSync(file, 'utf8'), { ...options, filepath: file }));
  }
}
