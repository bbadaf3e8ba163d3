import { spawnSync } from 'node:child_process';
import { PYTORCH_SCRIPT } from '../../src/runtimes/python-program.js';

/** The Python that the tests of this folder are run with. */
export const PYTHON = process.env.PYTHON ?? 'python3';

/** Where torch has to be there, its absence is a failure. */
const IS_REQUIRED = process.env.REQUIRE_PYTORCH === '1';

function isThere(): boolean {
  const { stdout } = spawnSync(PYTHON, [PYTORCH_SCRIPT, '--versions'], { encoding: 'utf8', timeout: 20_000 });
  try {
    const { result } = JSON.parse(stdout) as { result: { versions: Record<string, string | null> } };
    return result.versions.torch !== null && result.versions.torchvision !== null;
  } catch {
    return false;
  }
}

/** Tests that need torch: skipped where there is none, visibly, or a failure where there has to be one. */
export function describeWithPyTorch(name: string, tests: () => void): void {
  if (isThere()) {
    describe(name, tests);
  } else if (IS_REQUIRED) {
    it(`${name}: there is a Python with torch`, () => {
      throw new Error(`${PYTHON} (PYTHON) has no torch and torchvision, and REQUIRE_PYTORCH is 1.`);
    });
  } else {
    describe.skip(`${name} (skipped: ${PYTHON} has no torch and torchvision)`, tests);
  }
}
