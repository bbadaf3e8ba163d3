import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureFolder } from '../../../src/profiles/ensure-folder.js';

describe('ensureFolder', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'folders-'));
  });

  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  it('makes a folder and those it lies in, also when several ask at once', async () => {
    const path = join(folder, 'a', 'b', 'c');
    await Promise.all([ensureFolder(path), ensureFolder(path), ensureFolder(path)]);
    expect((await stat(path)).isDirectory()).toBe(true);
  });

  it('fails where a file is in the way', async () => {
    await writeFile(join(folder, 'file'), '');
    await expect(ensureFolder(join(folder, 'file', 'below'))).rejects.toThrow();
  });

  it('fails where the file system takes no folders', async () => {
    await expect(ensureFolder('/proc/no-such-folder')).rejects.toThrow();
  });
});
