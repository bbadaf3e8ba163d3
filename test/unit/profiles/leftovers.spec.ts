import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import fs, { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { OWN_IDENTITY } from '../../../src/profiles/process-identity.js';
import { ProfileFilesRepository } from '../../../src/profiles/profile-files.repository.js';
import { A_MACHINE, A_TRAINING, aMeasurement } from '../../fixtures/measurements.js';
import { settingsOf } from '../../fixtures/settings.js';
import { A_TRACE } from '../../fixtures/step-trace.js';

const HOUR = 3600;

describe('what killed processes have left beside profiles', () => {
  let folder: string;
  let machine: string;
  let traces: string;
  let profiles: ProfileFilesRepository;
  let other: ChildProcess;

  beforeAll(() => {
    other = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)'], { stdio: 'ignore' });
  });

  afterAll(() => void other.kill('SIGKILL'));

  beforeEach(async () => {
    jest.spyOn(Logger.prototype, 'warn').mockImplementation();
    folder = await mkdtemp(join(tmpdir(), 'leftovers-'));
    machine = join(folder, A_MACHINE.id);
    traces = join(machine, 'traces');
    profiles = new ProfileFilesRepository(settingsOf(folder));
    await profiles.add(A_MACHINE, { ...aMeasurement(A_TRAINING, { id: 'kept' }), trace: A_TRACE });
  });

  afterEach(async () => {
    jest.restoreAllMocks();
    await rm(folder, { recursive: true, force: true });
  });

  async function leave(path: string, ageSeconds = 0): Promise<void> {
    await writeFile(path, 'half');
    const then = Date.now() / 1000 - ageSeconds;
    await utimes(path, then, then);
  }

  async function deadPid(): Promise<number> {
    const process_ = spawn(process.execPath, ['-e', ''], { stdio: 'ignore' });
    await once(process_, 'close');
    return Number(process_.pid);
  }

  const writer = (pid: number, token = '0a0a0a0a', where = OWN_IDENTITY.where): string =>
    `.tmp-${where}-${String(pid)}-${token}-11111111-1111-4111-8111-111111111111`;

  describe('files that were not written to their end', () => {
    it('go from beside profiles and traces, and from the folder itself, when their process is gone', async () => {
      const suffix = writer(await deadPid());
      await leave(join(folder, `.probe${suffix}`));
      await leave(join(machine, `resnet18.json${suffix}`));
      await leave(join(traces, `one.json${suffix}`));
      await profiles.sweep();
      expect(await readdir(folder)).toEqual([A_MACHINE.id]);
      expect((await readdir(machine)).sort()).toEqual([`${A_TRAINING.architecture}.json`, 'traces']);
      expect(await readdir(traces)).toEqual(['kept.json']);
    });

    it.each([
      ['of a process that had the same id, as the first one of a container', () => writer(process.pid), 0, 'go'],
      ['of a living process', () => writer(Number(other.pid)), 60, 'stay'],
      ['of this process', () => writer(process.pid, OWN_IDENTITY.token), 60, 'stay'],
      ['of a process that cannot be seen from here', () => writer(1, '0a0a0a0a', '0b0b0b0b'), 60, 'stay'],
      ['of such a process, long ago', () => writer(1, '0a0a0a0a', '0b0b0b0b'), HOUR + 60, 'go'],
      ['of an earlier version', () => '.tmp-11111111-1111-4111-8111-111111111111', 60, 'stay'],
      ['of an earlier version, long ago', () => '.tmp-11111111-1111-4111-8111-111111111111', HOUR + 60, 'go'],
    ])('%s', async (_what, suffix, ageSeconds, expected) => {
      const name = `one.json${suffix()}`;
      await leave(join(traces, name), ageSeconds);
      await profiles.sweep();
      expect(await readdir(traces)).toEqual(expected === 'stay' ? ['kept.json', name] : ['kept.json']);
    });
  });

  it('does not take what others keep beside profiles for left over', async () => {
    await leave(join(machine, 'ledger.ndjson'), 2 * HOUR);
    await profiles.sweep();
    await profiles.setUnreadableAside();
    expect(await readdir(machine)).toContain('ledger.ndjson');
    expect((await profiles.list()).unreadable).toEqual([]);
  });

  describe('traces whose measurement never came', () => {
    it('go when they are old, at the start and when a profile is deleted', async () => {
      await leave(join(traces, 'lost.json'), HOUR);
      await profiles.sweep();
      expect(await readdir(traces)).toEqual(['kept.json']);
      await leave(join(traces, 'lost.json'), HOUR);
      await profiles.add(A_MACHINE, aMeasurement({ ...A_TRAINING, architecture: 'resnet18' }, { id: 'another' }));
      await profiles.remove(A_MACHINE.id, 'resnet18');
      expect(await readdir(traces)).toEqual(['kept.json']);
    });

    it('stay while a measurement may still come', async () => {
      await leave(join(traces, 'lost.json'), 60);
      await profiles.sweep();
      expect(await readdir(traces)).toEqual(['kept.json', 'lost.json']);
    });

    it('stay where a file that cannot be read may name them', async () => {
      await leave(join(traces, 'lost.json'), HOUR);
      await writeFile(join(machine, 'resnet18.json'), '{"schema_version": 99}');
      await profiles.sweep();
      expect(await readdir(traces)).toEqual(['kept.json', 'lost.json']);
      await writeFile(join(machine, 'resnet18.json'), '{');
      await profiles.setUnreadableAside();
      await profiles.sweep();
      expect(await readdir(traces)).toEqual(['kept.json', 'lost.json']);
    });

    it('stay where the folder cannot be looked into, which may have profiles that name them', async () => {
      await leave(join(traces, 'kept.json'), HOUR);
      const look = fs.readdir;
      const looking = jest
        .spyOn(fs, 'readdir')
        .mockImplementation(((path: string) =>
          path === machine ? Promise.reject(new Error('EMFILE: too many open files')) : look(path)) as typeof look);
      await profiles.sweep();
      looking.mockRestore();
      expect(await readdir(traces)).toEqual(['kept.json']);
    });

    it('are looked for apart for each machine', async () => {
      const elsewhere = join(folder, 'fedcba987654', 'traces');
      await mkdir(elsewhere, { recursive: true });
      await leave(join(elsewhere, 'kept.json'), HOUR);
      await profiles.sweep();
      expect([await readdir(elsewhere), await readdir(traces)]).toEqual([[], ['kept.json']]);
    });
  });
});
