import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs, { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { Logger } from '@nestjs/common';
import { ProfileFilesRepository } from '../../../src/profiles/profile-files.repository.js';
import { A_MACHINE, A_TRAINING, aMeasurement, THE_LIMITS } from '../../fixtures/measurements.js';
import { settingsOf } from '../../fixtures/settings.js';
import { A_TRACE } from '../../fixtures/step-trace.js';

const CHILDREN = join(__dirname, '../../fixtures/children');
const ON_LINUX = process.platform === 'linux' ? it : it.skip;
/** Permissions do not bind root. */
const AS_USER = process.getuid?.() === 0 ? it.skip : it;

describe('where profiles cannot be written', () => {
  let folder: string;
  let file: string;
  let before: string;
  let profiles: ProfileFilesRepository;

  beforeEach(async () => {
    jest.spyOn(Logger.prototype, 'warn').mockImplementation();
    folder = await mkdtemp(join(tmpdir(), 'failing-'));
    file = join(folder, A_MACHINE.id, `${A_TRAINING.architecture}.json`);
    profiles = new ProfileFilesRepository(settingsOf(folder));
    await profiles.add(A_MACHINE, aMeasurement(A_TRAINING, { id: 'first' }));
    before = await readFile(file, 'utf8');
  });

  afterEach(async () => {
    jest.restoreAllMocks();
    await chmod(dirname(file), 0o700);
    await rm(folder, { recursive: true, force: true });
  });

  const add = () => profiles.add(A_MACHINE, aMeasurement(A_TRAINING, { id: 'second' }));

  it.each([
    ['ENOSPC', 'storage-full'],
    ['EDQUOT', 'storage-full'],
    ['EROFS', 'storage-read-only'],
    ['EACCES', 'storage-read-only'],
    ['EIO', 'storage-failed'],
  ])('%s is told as %s, the old file is intact, and the next write works', async (code, expected) => {
    const open = jest.spyOn(fs, 'open').mockImplementation(() => {
      return Promise.reject(Object.assign(new Error(`${code}: no`), { code }));
    });
    await expect(add()).rejects.toMatchObject({ code: expected });
    await expect(profiles.remove(A_MACHINE.id, A_TRAINING.architecture)).rejects.toMatchObject({ code: expected });
    open.mockRestore();
    expect(await readFile(file, 'utf8')).toBe(before);
    await add();
    expect((await profiles.findMeasurement(A_MACHINE, A_TRAINING, THE_LIMITS))?.id).toBe('second');
  });

  it.each([
    ['ENOSPC', 'There is no room left'],
    ['EROFS', 'It may not be written'],
  ])('%s of a trace costs the trace alone, and the log says what to do', async (code, advice) => {
    const traces = join(dirname(file), 'traces');
    const warn = jest.spyOn(Logger.prototype, 'warn');
    await profiles.add(A_MACHINE, { ...aMeasurement(A_TRAINING, { id: 'traced' }), trace: A_TRACE });
    const usual = fs.open;
    const open = jest.spyOn(fs, 'open').mockImplementation((path, ...rest) => {
      if (!String(path).startsWith(join(traces, 'second.json'))) return usual(path, ...rest);
      return Promise.reject(Object.assign(new Error(`${code}: no`), { code }));
    });
    await profiles.add(A_MACHINE, { ...aMeasurement(A_TRAINING, { id: 'second' }), trace: A_TRACE });
    open.mockRestore();
    expect(JSON.stringify(warn.mock.calls)).toMatch(advice);
    expect((await profiles.findMeasurement(A_MACHINE, A_TRAINING, THE_LIMITS))?.id).toBe('second');
    expect(await profiles.findTrace(A_MACHINE.id, 'second')).toBeNull();
    expect(await profiles.findTrace(A_MACHINE.id, 'traced')).toEqual(A_TRACE);
    expect(await readdir(traces)).toEqual(['traced.json']);
  });

  ON_LINUX('a disk that becomes full within a file leaves the old one whole, and nothing beside it', async () => {
    const given = join(folder, 'given.json');
    const measurement = aMeasurement(A_TRAINING, { losses: { ['x'.repeat(20_000)]: 1 } });
    await writeFile(given, JSON.stringify({ machine: A_MACHINE, measurement }));
    const hook = join(CHILDREN, 'typescript-hook.js');
    const program = [process.execPath, '--require', hook, join(CHILDREN, 'write-profiles.ts'), folder, given, 'w0'];
    // In blocks of 512 bytes or of 1024, by shell: more than the lock needs, less than the profile.
    const child = spawn('sh', ['-c', 'ulimit -f 8; exec "$@"', 'sh', ...program]);
    child.stdin.write('go\n');
    const [errors] = await Promise.all([text(child.stderr), once(child, 'close')]);
    expect(errors).toBe('storage-full');
    expect(await readFile(file, 'utf8')).toBe(before);
    expect(await readdir(dirname(file))).toEqual([`${A_TRAINING.architecture}.json`]);
  });

  AS_USER('a folder that may not be written is told as such, and what is in it still answers', async () => {
    await chmod(dirname(file), 0o500);
    await expect(add()).rejects.toMatchObject({ code: 'storage-read-only' });
    expect((await profiles.findMeasurement(A_MACHINE, A_TRAINING, THE_LIMITS))?.id).toBe('first');
  });

  it('what a killed process left is cleared away by the next write', async () => {
    await writeFile(`${file}.tmp-left`, 'half');
    await writeFile(`${file}.lock`, '');
    await add();
    expect(await readdir(dirname(file))).toEqual([`${A_TRAINING.architecture}.json`]);
  });
});
