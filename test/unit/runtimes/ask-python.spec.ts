import { askPython } from '../../../src/runtimes/ask-python.js';
import { FakePython } from '../../fixtures/fake-python.js';

const ON_LINUX = process.platform === 'linux' ? it : it.skip;

describe('a Python that is asked', () => {
  let python: FakePython;

  beforeEach(async () => {
    python = await FakePython.make();
  });
  afterEach(() => python.remove());

  it('is given up when it hangs', async () => {
    await python.runs('exec sleep 1000');
    expect(await askPython(python.file, '--probe', 0.2)).toEqual({
      kind: 'failed',
      reason: 'it did not answer within 0.2 s',
    });
  });

  ON_LINUX('leaves nothing behind that it has started', async () => {
    await python.runs('sleep 1000 & echo $! > "$0.pid"; wait');
    await askPython(python.file, '--probe', 0.5);
    expect(await python.isGone()).toBe(true);
  });

  ON_LINUX('is over when it has ended, whatever it has started', async () => {
    await python.runs('sleep 1000 & echo $! > "$0.pid"; exit 0');
    expect(await askPython(python.file, '--probe', 60)).toMatchObject({ kind: 'failed' });
    expect(await python.isGone()).toBe(true);
  });
});
