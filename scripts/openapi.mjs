// Writes docs/openapi.json. The test that fails once the file is stale makes the document, so the two cannot disagree.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';

const file = fileURLToPath(new URL('../docs/openapi.json', import.meta.url));
const jest = createRequire(import.meta.url).resolve('jest/bin/jest');
const { status } = spawnSync(process.execPath, [jest, 'test/http/openapi'], {
  cwd: fileURLToPath(new URL('..', import.meta.url)),
  env: { ...process.env, WRITE_OPENAPI_TO: file },
  stdio: 'inherit',
});
if (status === 0) {
  const options = await resolveConfig(file);
  writeFileSync(file, await format(readFileSync(file, 'utf8'), { ...options, filepath: file }));
} else {
  process.exitCode = 1;
}
