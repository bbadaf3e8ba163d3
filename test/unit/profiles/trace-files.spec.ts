import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { conditionsOf } from '../../../src/hardware/conditions.js';
import { ProfileFilesRepository } from '../../../src/profiles/profile-files.repository.js';
import { A_MACHINE, A_TRAINING, aMeasurement, THE_LIMITS } from '../../fixtures/measurements.js';
import { settingsOf } from '../../fixtures/settings.js';
import { A_TRACE } from '../../fixtures/step-trace.js';

describe('traces beside profiles', () => {
  let folder: string;
  let traces: string;
  let profiles: ProfileFilesRepository;
  let warn: jest.SpyInstance;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'profiles-'));
    traces = join(folder, A_MACHINE.id, 'traces');
    profiles = new ProfileFilesRepository(settingsOf(folder));
    warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation();
  });

  afterEach(async () => {
    jest.restoreAllMocks();
    await rm(folder, { recursive: true, force: true });
  });

  const add = (id: string, batchSize = 8): Promise<void> =>
    profiles.add(A_MACHINE, { ...aMeasurement({ ...A_TRAINING, batchSize }, { id }), trace: A_TRACE });
  const find = (id: string) => profiles.findTrace(A_MACHINE.id, id);

  it('give back what was kept with a measurement', async () => {
    await add('one');
    expect(await find('one')).toEqual(A_TRACE);
    expect(await find('another')).toBeNull();
    expect(await profiles.findTrace('another', 'one')).toBeNull();
    expect(warn).not.toHaveBeenCalled();
  });

  it('are no part of the profile, nor of its file', async () => {
    await add('one');
    const text = await readFile(join(folder, A_MACHINE.id, `${A_TRAINING.architecture}.json`), 'utf8');
    expect(text).not.toMatch('timeline');
    const found = await profiles.findMeasurement(A_MACHINE, A_TRAINING, THE_LIMITS);
    expect(found).toEqual({ ...aMeasurement(A_TRAINING, { id: 'one' }), conditions: conditionsOf(A_MACHINE) });
    expect(await profiles.list()).toMatchObject({ profiles: [{}], unreadable: [] });
    expect(await readdir(traces)).toEqual(['one.json']);
  });

  it('go with the oldest measurement of a workload, which makes room for the newest', async () => {
    const ids = Array.from({ length: 11 }, (_, index) => `m${String(index)}`);
    await add('other', 9);
    for (const id of ids) await add(id);
    expect((await readdir(traces)).sort()).toEqual([...ids.slice(1), 'other'].map((id) => `${id}.json`).sort());
    expect(await find('m0')).toBeNull();
  });

  it('go with a measurement that is removed', async () => {
    await add('one');
    await add('other', 9);
    await profiles.removeMeasurement(A_MACHINE.id, A_TRAINING.architecture, 'one');
    expect(await readdir(traces)).toEqual(['other.json']);
    await profiles.removeMeasurement(A_MACHINE.id, A_TRAINING.architecture, 'other');
    expect(await readdir(traces)).toEqual([]);
  });

  it('go with their profile', async () => {
    await add('one');
    await add('other', 9);
    await profiles.remove(A_MACHINE.id, A_TRAINING.architecture);
    expect(await readdir(traces)).toEqual([]);
  });

  it('that cannot be removed stay, and the measurement goes', async () => {
    await add('one');
    await rm(join(traces, 'one.json'));
    await mkdir(join(traces, 'one.json'));
    expect(await profiles.removeMeasurement(A_MACHINE.id, A_TRAINING.architecture, 'one')).toBe(true);
    expect(await profiles.findMeasurement(A_MACHINE, A_TRAINING, THE_LIMITS)).toBeNull();
    expect(JSON.stringify(warn.mock.calls)).toMatch('could not be deleted');
  });

  it('stay when the same measurement is added once more', async () => {
    await add('one');
    await profiles.add(A_MACHINE, aMeasurement(A_TRAINING, { id: 'one' }));
    expect(await find('one')).toEqual(A_TRACE);
  });

  it('that cannot be kept cost no measurement', async () => {
    await mkdir(join(folder, A_MACHINE.id));
    await writeFile(traces, 'in the way');
    await add('one');
    expect(await profiles.findMeasurement(A_MACHINE, A_TRAINING, THE_LIMITS)).toMatchObject({ id: 'one' });
    expect(await find('one')).toBeNull();
    expect(JSON.stringify(warn.mock.calls)).toMatch(/one is kept without its trace\. .*PROFILES_DIR/);
  });

  it('go when the profile cannot be written', async () => {
    await mkdir(join(folder, A_MACHINE.id, `${A_TRAINING.architecture}.json`), { recursive: true });
    await expect(add('one')).rejects.toThrow('EISDIR');
    expect(await readdir(traces)).toEqual([]);
  });

  it.each(['', '{', '[]', '{"schema_version": 2}'])('that cannot be read (%j) are none', async (content) => {
    await add('one');
    await writeFile(join(traces, 'one.json'), content);
    expect(await find('one')).toBeNull();
    expect(JSON.stringify(warn.mock.calls)).toMatch('could not be read');
  });

  it.each(['..', '../../one', 'a/b', '.hidden', ''])('are not looked for under the name %j', async (id) => {
    await writeFile(join(folder, 'one.json'), '{}');
    expect(await find(id)).toBeNull();
    expect(await profiles.findTrace(id, 'one')).toBeNull();
    expect(warn).not.toHaveBeenCalled();
  });
});
