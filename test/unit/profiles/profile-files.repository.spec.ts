import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Logger } from '@nestjs/common';
import { ProfileFilesRepository } from '../../../src/profiles/profile-files.repository.js';
import { A_MACHINE, A_TRAINING, aMeasurement } from '../../fixtures/measurements.js';
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

  const find = (repository = profiles) => repository.findMeasurement(A_MACHINE.id, A_TRAINING);
  const warnings = (): string => JSON.stringify(warn.mock.calls);

  it('give back what was added, also to another process', async () => {
    const measurement = aMeasurement(A_TRAINING);
    expect(await find()).toBeNull();
    await profiles.add(A_MACHINE, measurement);
    expect(await find()).toEqual(measurement);
    expect(await find(open())).toEqual(measurement);
  });

  it('find no measurement of another workload or machine', async () => {
    await profiles.add(A_MACHINE, aMeasurement(A_TRAINING));
    expect(await profiles.findMeasurement(A_MACHINE.id, { ...A_TRAINING, batchSize: 9 })).toBeNull();
    expect(await profiles.findMeasurement('another', A_TRAINING)).toBeNull();
  });

  it('keep one measurement of a workload, the last', async () => {
    await profiles.add(A_MACHINE, aMeasurement(A_TRAINING, { id: 'first' }));
    await profiles.add(A_MACHINE, aMeasurement(A_TRAINING, { id: 'second' }));
    const profile = await open().find(A_MACHINE.id, A_TRAINING.architecture);
    expect(profile?.measurements.map(({ id }) => id)).toEqual(['second']);
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
      schema_version: 1,
      machine: { cpu_model: A_MACHINE.cpuModel },
      measurements: [{ workload: { batch_size: 8 }, losses: { bbox_regression: 1.5 } }],
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
    ['is of another version', (text: string) => text.replace('"schema_version": 1', '"schema_version": 2')],
    ['has a time that is a text', (text: string) => text.replace(/"median": [\d.]+/, '"median": "fast"')],
    ['is of another machine', (text: string) => text.replace(`"id": "${A_MACHINE.id}"`, '"id": "0123456789ab"')],
    ['is of another architecture', (text: string) => text.replaceAll(A_TRAINING.architecture, 'other')],
    ['is something else', () => '{"name": "package"}'],
  ])('leave a file alone that %s, until a measurement takes its place', async (_what, damage) => {
    await profiles.add(A_MACHINE, aMeasurement(A_TRAINING));
    const damaged = damage(await readFile(file, 'utf8'));
    await writeFile(file, damaged);

    expect(await find()).toBeNull();
    expect(await profiles.list()).toEqual([]);
    expect(warnings()).toMatch('not a profile that can be read');
    expect(await readFile(file, 'utf8')).toBe(damaged);

    await profiles.add(A_MACHINE, aMeasurement(A_TRAINING));
    expect(await find(open())).not.toBeNull();
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
    const older = (await readFile(file, 'utf8')).replace(/,\s*"aux_loss": null/, '');
    expect(older).not.toMatch('aux_loss');
    await writeFile(file, older);

    expect(await find(open())).toEqual(aMeasurement(A_TRAINING));
    expect(await open().list()).toHaveLength(1);
    expect(warn).not.toHaveBeenCalled();
    expect(await readFile(file, 'utf8')).toBe(older);
  });

  it('are listed without what lies beside them', async () => {
    await profiles.add(A_MACHINE, aMeasurement(A_TRAINING));
    await writeFile(join(folder, 'README.md'), 'About profiles.');
    await writeFile(join(dirname(file), 'notes.txt'), 'About this machine.');
    await mkdir(join(folder, '.hidden'));
    const list = await open().list();
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
