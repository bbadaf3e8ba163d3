import { access, constants, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { Settings } from '../config/settings.js';
import { conditionsOf } from '../hardware/conditions.js';
import type { Machine } from '../hardware/machine.js';
import { ensureFolder } from './ensure-folder.js';
import { ExclusiveWrites } from './exclusive-writes.js';
import { answering, type KeptMeasurement } from './kept-measurement.js';
import type { TimingLimits } from './measurement.js';
import { merged, withNew } from './merge-measurements.js';
import { asidePath, ProfileFolder, type ProfileFile } from './profile-folder.js';
import { ProfileReader } from './profile-reader.js';
import { decodeProfile, PROFILE_SCHEMA_VERSION, profileCodec, type Profile } from './profile.js';
import { ProfilesRepository, type Listing, type MergeOutcome, type UnreadableFile } from './profiles.repository.js';
import type { FreshMeasurement, StepTrace } from './step-trace.js';
import { hasCode, messageOf, ProfileStorageError } from './storage.error.js';
import { TraceFiles } from './trace-files.js';
import { ClosedProfileError, UnreadableProfileError } from './unreadable-profile.error.js';
import { workloadKey } from './workload-key.js';
import type { Workload } from './workload.js';
import { probeWriting, removeAllLeftovers, syncFolder, writeAtomically } from './write-atomically.js';

/** What is to become of a profile: null removes it, the same one leaves it as it lies. */
type Change = (current: Profile | null) => Profile | null;

/** Profiles as `<machine>/<architecture>.json` in the folder of the settings. */
@Injectable()
export class ProfileFilesRepository extends ProfilesRepository implements OnApplicationShutdown {
  private readonly logger = new Logger(ProfileFilesRepository.name);
  private readonly reader = new ProfileReader((path, error) => this.logger.warn(`${path}: ${error.message}`));
  private readonly writes = new ExclusiveWrites();
  private readonly folder: ProfileFolder;
  private readonly traces: TraceFiles;

  constructor({ profilesDirectory }: Settings) {
    super();
    this.folder = new ProfileFolder(profilesDirectory);
    this.traces = new TraceFiles(profilesDirectory);
  }

  async list(): Promise<Listing> {
    const profiles: Profile[] = [];
    const unreadable: UnreadableFile[] = [];
    for (const file of await this.folder.files()) {
      try {
        const loaded = await this.reader.read(file.path, file.machineId, file.architecture);
        if (loaded !== null) profiles.push(loaded.profile);
      } catch (error) {
        unreadable.push({ file: file.name, reason: reasonOf(error), setAside: false });
      }
    }
    for (const file of await this.folder.setAside()) {
      const reason = 'It was no profile that can be read, and was renamed to be out of the way; it may be deleted.';
      unreadable.push({ file, reason, setAside: true });
    }
    return { profiles, unreadable };
  }

  async find(machineId: string, architecture: string): Promise<Profile | null> {
    const file = this.folder.fileOf(machineId, architecture);
    if (file === null) return null;
    return (await this.reader.read(file.path, machineId, architecture))?.profile ?? null;
  }

  async content(machineId: string, architecture: string): Promise<string | null> {
    const file = this.folder.fileOf(machineId, architecture);
    if (file === null) return null;
    try {
      return await readFile(file.path, 'utf8');
    } catch (error) {
      if (hasCode(error, 'ENOENT', 'ENOTDIR')) return null;
      throw new ClosedProfileError(messageOf(error), error);
    }
  }

  async findMeasurement(machine: Machine, workload: Workload, limits: TimingLimits): Promise<KeptMeasurement | null> {
    const file = this.folder.fileOf(machine.id, workload.architecture);
    if (file === null) return null;
    try {
      const loaded = await this.reader.read(file.path, file.machineId, file.architecture);
      return answering(loaded?.byWorkload.get(workloadKey(workload)) ?? [], machine, limits);
    } catch {
      // Told in the log by the reader; it is measured again.
      return null;
    }
  }

  async findTrace(machineId: string, measurementId: string): Promise<StepTrace | null> {
    return this.traces.find(machineId, measurementId);
  }

  async add(machine: Machine, { trace, ...measurement }: FreshMeasurement): Promise<void> {
    const { architecture } = measurement.workload;
    const file = this.fileToWrite(machine.id, architecture);
    const added = { ...measurement, conditions: conditionsOf(machine) };
    if (trace) await this.traces.keep(machine.id, added.id, trace);
    try {
      await this.change(file, (current) => ({
        schemaVersion: PROFILE_SCHEMA_VERSION,
        machine,
        architecture,
        measurements: withNew(current?.measurements ?? [], added),
      }));
    } catch (error) {
      // A trace that no profile names would never be deleted.
      if (trace) await this.traces.remove(machine.id, added.id);
      throw error;
    }
  }

  async merge(profile: Profile): Promise<MergeOutcome> {
    let outcome: MergeOutcome = { added: [], known: [], different: [] };
    await this.change(this.fileToWrite(profile.machine.id, profile.architecture), (current) => {
      const kept = new Map(current?.measurements.map((one) => [one.id, one]));
      const twice = profile.measurements.filter(({ id }) => kept.has(id));
      const [known, different] = divide(twice, (one) => isDeepStrictEqual(one, kept.get(one.id)));
      const added = profile.measurements.filter(({ id }) => !kept.has(id)).map(({ id }) => id);
      outcome = { added, known: known.map(({ id }) => id), different: different.map(({ id }) => id) };
      if (current === null) return profile;
      return added.length === 0
        ? current
        : { ...current, measurements: merged(current.measurements, profile.measurements) };
    });
    return outcome;
  }

  async remove(machineId: string, architecture: string): Promise<boolean> {
    const file = this.folder.fileOf(machineId, architecture);
    if (file === null || !(await exists(file.path))) return false;
    let existed = false;
    await this.writes.run(file.path, async () => {
      existed = await exists(file.path);
      // Of one that cannot be read, nobody knows what it had.
      const loaded = await this.reader.read(file.path, machineId, architecture).catch(() => null);
      await removeDurably(file.path);
      await this.removeTraces(machineId, loaded?.profile ?? null, null);
    });
    await this.sweepMachine(machineId);
    return existed;
  }

  async removeMeasurement(machineId: string, architecture: string, id: string): Promise<boolean> {
    const file = this.folder.fileOf(machineId, architecture);
    if (file === null) return false;
    const has = (profile: Profile | null): boolean => profile?.measurements.some((one) => one.id === id) ?? false;
    if (!has(await this.find(machineId, architecture))) return false;
    let found = false;
    await this.change(file, (current) => {
      found = has(current);
      if (current === null || !found) return current;
      const measurements = current.measurements.filter((one) => one.id !== id);
      return measurements.length === 0 ? null : { ...current, measurements };
    });
    return found;
  }

  async setUnreadableAside(): Promise<void> {
    for (const file of await this.folder.files()) {
      try {
        await this.reader.read(file.path, file.machineId, file.architecture);
      } catch (error) {
        if (!(error instanceof UnreadableProfileError)) continue;
        await this.change(file, (current) => current).catch((failure: unknown) => this.logger.warn(messageOf(failure)));
      }
    }
  }

  async sweep(): Promise<void> {
    await removeAllLeftovers(this.folder.path);
    for (const machineId of await this.folder.machines()) await this.sweepMachine(machineId);
  }

  async retire(machineId: string, architecture: string): Promise<void> {
    const file = this.fileToWrite(machineId, architecture);
    await this.writes.run(file.path, () => renameDurably(file.path, asidePath(file.path, 'adopted')));
  }

  async assertWritable(): Promise<void> {
    try {
      await ensureFolder(this.folder.path);
      await access(this.folder.path, constants.R_OK | constants.X_OK);
      await probeWriting(this.folder.path);
    } catch (error) {
      throw ProfileStorageError.of(error, this.folder.path);
    }
  }

  /** A measurement that just ended belongs on the disk before the process ends. */
  async onApplicationShutdown(): Promise<void> {
    await this.writes.settled();
  }

  /** @throws ProfileStorageError */
  private async change(file: ProfileFile, change: Change): Promise<void> {
    await this.writes.run(file.path, async (assertHeld) => {
      const current = await this.readToReplace(file);
      const next = change(current);
      if (next === current) return;
      if (next === null) {
        await assertHeld();
        await removeDurably(file.path);
        await this.removeTraces(file.machineId, current, null);
        return;
      }
      const written = profileCodec.encode(next);
      const content = `${JSON.stringify(written, null, 2)}\n`;
      // What could not be read again must not take the place of what can.
      decodeProfile(JSON.parse(content), 'profile');
      await writeAtomically(file.path, content, assertHeld);
      await this.removeTraces(file.machineId, current, next);
    });
  }

  /** Of the measurements that a profile no longer has. */
  private async removeTraces(machineId: string, before: Profile | null, after: Profile | null): Promise<void> {
    const kept = new Set(after?.measurements.map(({ id }) => id));
    const gone = before?.measurements.filter(({ id }) => !kept.has(id)) ?? [];
    await Promise.all(gone.map(({ id }) => this.traces.remove(machineId, id)));
  }

  private async sweepMachine(machineId: string): Promise<void> {
    await removeAllLeftovers(join(this.folder.path, machineId));
    await this.traces.sweep(machineId, await this.measurementsOf(machineId));
  }

  /** The ids of all measurements of a machine; null where a file or folder that cannot be read may have more. */
  private async measurementsOf(machineId: string): Promise<ReadonlySet<string> | null> {
    const files = await this.folder.allFilesOf(machineId);
    if (files === null) return null;
    const ids = new Set<string>();
    for (const { path, architecture } of files) {
      try {
        const loaded = await this.reader.read(path, machineId, architecture);
        for (const { id } of loaded?.profile.measurements ?? []) ids.add(id);
      } catch {
        return null;
      }
    }
    return ids;
  }

  /**
   * The profile that is to be changed. One that is no profile is set aside; one that only cannot be opened now must not
   * be taken for an empty one, or its measurements would be lost.
   */
  private async readToReplace(file: ProfileFile): Promise<Profile | null> {
    try {
      return (await this.reader.read(file.path, file.machineId, file.architecture))?.profile ?? null;
    } catch (error) {
      if (!(error instanceof UnreadableProfileError)) throw error;
      const to = asidePath(file.path, 'unreadable');
      await renameDurably(file.path, to);
      this.logger.warn(`${file.path}: ${error.message} It is now ${to}.`);
      return null;
    }
  }

  /** @throws ProfileStorageError */
  private fileToWrite(machineId: string, architecture: string): ProfileFile {
    const file = this.folder.fileOf(machineId, architecture);
    if (file !== null) return file;
    const reason = new Error(`no profile can be kept for "${architecture}" on machine "${machineId}"`);
    throw ProfileStorageError.of(reason, this.folder.path);
  }
}

async function renameDurably(from: string, to: string): Promise<void> {
  await rename(from, to);
  await syncFolder(dirname(from));
}

async function removeDurably(path: string): Promise<void> {
  await rm(path, { force: true });
  await syncFolder(dirname(path));
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

function divide<T>(values: readonly T[], holds: (value: T) => boolean): readonly [T[], T[]] {
  return [values.filter(holds), values.filter((value) => !holds(value))];
}

function reasonOf(error: unknown): string {
  return error instanceof UnreadableProfileError || error instanceof ClosedProfileError
    ? error.reason
    : messageOf(error);
}
