import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Logger } from '@nestjs/common';
import { conditionsOf } from '../../../src/hardware/conditions.js';
import { ProfileFilesRepository } from '../../../src/profiles/profile-files.repository.js';
import { A_MACHINE, A_TRAINING, aMeasurement, THE_LIMITS } from '../../fixtures/measurements.js';
import { settingsOf } from '../../fixtures/settings.js';

describe('profiles in files', () => {
  let folder: string;
  let file: string;
  let profiles: ProfileFilesRepository;
  let warn: jest.SpyInstance;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'profiles-'));
    file = join(folder, A_MACHINE.id, `${A_TRAINING.architecture}.json`);
    profiles = open();
    warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation();
  });

  afterEach(async () => {
    jest.restoreAllMocks();
    await rm(folder, { recursive: true, force: true });
  });

  function open(): ProfileFilesRepository {
    return new ProfileFilesRepository(settingsOf(folder));
  }

  const find = (repository = profiles) => repository.findMeasurement(A_MACHINE, A_TRAINING, THE_LIMITS);
  const ids = async (): Promise<string[] | undefined> => {
    const profile = await open().find(A_MACHINE.id, A_TRAINING.architecture);
    return profile?.measurements.map(({ id }) => id);
  };
  const warnings = (): string => JSON.stringify(warn.mock.calls);

  it('give back what was added, also to another process', async () => {
    const measurement = aMeasurement(A_TRAINING);
    expect(await find()).toBeNull();
    await profiles.add(A_MACHINE, measurement);
    expect(await find()).toEqual({ ...measurement, conditions: conditionsOf(A_MACHINE) });
    expect(await find(open())).toEqual(await find());
  });

  it('find no measurement of another workload or machine', async () => {
    await profiles.add(A_MACHINE, aMeasurement(A_TRAINING));
    expect(await profiles.findMeasurement(A_MACHINE, { ...A_TRAINING, batchSize: 9 }, THE_LIMITS)).toBeNull();
    expect(await profiles.findMeasurement({ ...A_MACHINE, id: 'another' }, A_TRAINING, THE_LIMITS)).toBeNull();
  });

  it('keep the measurements of a workload, and find the newest', async () => {
    await profiles.add(A_MACHINE, aMeasurement(A_TRAINING, { id: 'first' }));
    await profiles.add(A_MACHINE, aMeasurement(A_TRAINING, { id: 'second' }));
    expect(await ids()).toEqual(['first', 'second']);
    expect((await find())?.id).toBe('second');
  });

  it('keep the last ten of a workload, and all other workloads', async () => {
    const other = { ...A_TRAINING, batchSize: 4 };
    await profiles.add(A_MACHINE, aMeasurement(other, { id: 'other' }));
    const added = Array.from({ length: 12 }, (_, index) => `m${String(index)}`);
    for (const id of added) await profiles.add(A_MACHINE, aMeasurement(A_TRAINING, { id }));
    expect(await ids()).toEqual(['other', ...added.slice(2)]);
  });

  it('find the newest that was made with what the machine has now', async () => {
    const updated = { ...A_MACHINE, engineVersion: '9.0.0' };
    await profiles.add(A_MACHINE, aMeasurement(A_TRAINING, { id: 'before' }));
    expect(await profiles.findMeasurement(updated, A_TRAINING, THE_LIMITS)).toBeNull();
    await profiles.add(updated, aMeasurement(A_TRAINING, { id: 'after' }));
    expect((await profiles.findMeasurement(updated, A_TRAINING, THE_LIMITS))?.id).toBe('after');
    expect((await find())?.id).toBe('before');
    expect(await ids()).toEqual(['before', 'after']);
  });

  it('find nothing that was cut short by tighter limits than are asked for', async () => {
    const within = (id: string, maxSteps: number, shortened: boolean) =>
      aMeasurement(A_TRAINING, { id, protocol: { maxSteps, maxSeconds: 60, shortened } });
    const idWithin = async (maxSteps: number) =>
      (await profiles.findMeasurement(A_MACHINE, A_TRAINING, { ...THE_LIMITS, maxSteps }))?.id;
    await profiles.add(A_MACHINE, within('short', 20, true));
    expect([await idWithin(20), await idWithin(21)]).toEqual(['short', undefined]);
    await profiles.add(A_MACHINE, within('whole', 30, false));
    expect([await idWithin(20), await idWithin(1000)]).toEqual(['whole', 'whole']);
    await profiles.add(A_MACHINE, within('short-again', 20, true));
    expect([await idWithin(20), await idWithin(21)]).toEqual(['short-again', 'whole']);
  });

  it('find nothing of which the limits are not known', async () => {
    await profiles.add(A_MACHINE, aMeasurement(A_TRAINING, { protocol: null }));
    expect(await find()).toBeNull();
  });

  it('lose nothing that is added at the same time', async () => {
    const sizes = [1, 2, 3, 4, 5, 6, 7, 8];
    await Promise.all(sizes.map((batchSize) => profiles.add(A_MACHINE, aMeasurement({ ...A_TRAINING, batchSize }))));
    const profile = await open().find(A_MACHINE.id, A_TRAINING.architecture);
    expect(profile?.measurements.map(({ workload }) => workload.batchSize)).toEqual(sizes);
  });

  it('are written in snake_case under a version', async () => {
    await profiles.add(A_MACHINE, aMeasurement(A_TRAINING));
    const written = JSON.parse(await readFile(file, 'utf8')) as unknown;
    expect(written).toMatchObject({
      schema_version: 2,
      machine: { cpu_model: A_MACHINE.cpuModel },
      measurements: [
        {
          workload: { batch_size: 8 },
          losses: { bbox_regression: 1.5 },
          conditions: { kernel: A_MACHINE.kernel, engine_version: A_MACHINE.engineVersion },
        },
      ],
    });
  });

  it('leave no other files behind', async () => {
    await profiles.add(A_MACHINE, aMeasurement(A_TRAINING));
    expect(await readdir(dirname(file))).toEqual([`${A_TRAINING.architecture}.json`]);
  });

  it('are read again when another process has changed them', async () => {
    await profiles.add(A_MACHINE, aMeasurement(A_TRAINING, { id: 'mine' }));
    await open().add(A_MACHINE, aMeasurement(A_TRAINING, { id: 'theirs' }));
    expect((await find())?.id).toBe('theirs');
  });

  it('are gone when their file is', async () => {
    await profiles.add(A_MACHINE, aMeasurement(A_TRAINING));
    await rm(file);
    expect(await find()).toBeNull();
  });

  it.each([
    ['is cut off', (text: string) => text.slice(0, text.length / 2)],
    ['is empty', () => ''],
    ['is of no version', (text: string) => text.replace('"schema_version": 2', '"schema_version": 0')],
    ['has a step that takes no time', (text: string) => text.replace(/"median": [\d.]+/, '"median": 0')],
    ['has memory below 0', (text: string) => text.replace(/"peak_rss_bytes": \d+/, '"peak_rss_bytes": -1')],
    ['has a peak of nothing', (text: string) => text.replace(/"peak_rss_bytes": \d+/, '"peak_rss_bytes": 0')],
    ['was loaded in nothing', (text: string) => text.replace(/("loading_peak_rss_bytes"): \d+/, '$1: 0')],
    ['has more of files than in all', (text: string) => text.replace(/"file_rss_bytes": /, '"file_rss_bytes": 9')],
    ['has an id that leads elsewhere', (text: string) => text.replace('"measurement-of-8"', '"../8"')],
    ['has a time that is a text', (text: string) => text.replace(/"median": [\d.]+/, '"median": "fast"')],
    ['is of another machine', (text: string) => text.replace(`"id": "${A_MACHINE.id}"`, '"id": "0123456789ab"')],
    ['is of another architecture', (text: string) => text.replaceAll(A_TRAINING.architecture, 'other')],
    ['is something else', () => '{"name": "package"}'],
  ])('leave a file alone that %s, until a measurement takes its place', async (_what, damage) => {
    await profiles.add(A_MACHINE, aMeasurement(A_TRAINING));
    const damaged = damage(await readFile(file, 'utf8'));
    await writeFile(file, damaged);

    expect(await find()).toBeNull();
    const name = `${A_MACHINE.id}/${A_TRAINING.architecture}.json`;
    expect(await profiles.list()).toMatchObject({ profiles: [], unreadable: [{ file: name, setAside: false }] });
    expect(warnings()).toMatch('not a profile that can be read');
    expect(warn).toHaveBeenCalledTimes(1);
    expect(await readFile(file, 'utf8')).toBe(damaged);

    await profiles.add(A_MACHINE, aMeasurement(A_TRAINING));
    expect(await find(open())).not.toBeNull();
    expect((await open().list()).unreadable).toMatchObject([{ setAside: true }]);
    const aside = (await readdir(dirname(file))).find((name) => name.includes('.json.unreadable-'));
    expect(await readFile(join(dirname(file), String(aside)), 'utf8')).toBe(damaged);
  });

  it('refuse a measurement rather than replace a file that cannot be opened now', async () => {
    await mkdir(file, { recursive: true });
    expect(await find()).toBeNull();
    await expect(profiles.add(A_MACHINE, aMeasurement(A_TRAINING))).rejects.toThrow('EISDIR');
    expect(await readdir(dirname(file))).toEqual([`${A_TRAINING.architecture}.json`]);
  });

  it('are read and listed when they were written before options were added, and are not rewritten for that', async () => {
    await profiles.add(A_MACHINE, aMeasurement(A_TRAINING));
    const expected = await find();
    const older = (await readFile(file, 'utf8')).replace(/,\s*"aux_loss": null/, '');
    expect(older).not.toMatch('aux_loss');
    await writeFile(file, older);

    expect(await find(open())).toEqual(expected);
    expect((await open().list()).profiles).toHaveLength(1);
    expect(warn).not.toHaveBeenCalled();
    expect(await readFile(file, 'utf8')).toBe(older);
  });

  it('are listed without what lies beside them', async () => {
    await profiles.add(A_MACHINE, aMeasurement(A_TRAINING));
    await writeFile(join(folder, 'README.md'), 'About profiles.');
    await writeFile(join(dirname(file), 'notes.txt'), 'About this machine.');
    await mkdir(join(folder, '.hidden'));
    const { profiles: list, unreadable } = await open().list();
    expect(unreadable).toEqual([]);
    expect(list.map(({ machine, architecture }) => [machine.id, architecture])).toEqual([
      [A_MACHINE.id, A_TRAINING.architecture],
    ]);
  });

  it.each([
    ['..', 'package'],
    ['.', 'x'],
    ['', ''],
    [A_MACHINE.id, `../${A_MACHINE.id}/${A_TRAINING.architecture}`],
    ['a\0b', 'x'],
    [A_MACHINE.id, '__proto__'],
  ])('find nothing under %j, %j', async (machineId, architecture) => {
    await profiles.add(A_MACHINE, aMeasurement(A_TRAINING));
    expect(await profiles.find(machineId, architecture)).toBeNull();
  });

  it('refuse to keep what would lie elsewhere', async () => {
    const outside = aMeasurement(A_TRAINING, { workload: { ...A_TRAINING, architecture: '../outside' } });
    await expect(profiles.add(A_MACHINE, outside)).rejects.toThrow('../outside');
    expect(await readdir(folder)).toEqual([]);
  });

  it('go on after a write that failed', async () => {
    await writeFile(join(folder, A_MACHINE.id), 'in the way');
    await expect(profiles.add(A_MACHINE, aMeasurement(A_TRAINING))).rejects.toThrow();
    await rm(join(folder, A_MACHINE.id));
    await profiles.add(A_MACHINE, aMeasurement(A_TRAINING));
    expect(await find()).not.toBeNull();
  });
});
