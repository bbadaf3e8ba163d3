// A generated file is made by the test that fails once it is stale, so the two cannot disagree.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';

/**
 * Has a test write the file that it holds, which is then formatted.
 *
 * @param {string} test path of the test, as Jest takes it
 * @param {string} name path of the file from the root of the repository
 */
export async function writeByTest(test, name) {
  const root = fileURLToPath(new URL('..', import.meta.url));
  const file = `${root}${name}`;
  const jest = createRequire(import.meta.url).resolve('jest/bin/jest');
  const { status } = spawnSync(process.execPath, [jest, test], {
    cwd: root,
    env: { ...process.env, WRITE_GENERATED_TO: file },
    stdio: 'inherit',
  });
  if (status !== 0) {
    process.exitCode = 1;
    return;
  }
  const options = await resolveConfig(file);
  writeFileSync(file, await format(readFileSync(file, 'utf8'), { ...options, filepath: file }));
}
