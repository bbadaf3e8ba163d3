import { access, constants, readdir, readFile, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import writeFileAtomic from 'write-file-atomic';
import { Settings } from '../config/settings.js';
import type { Machine } from '../hardware/machine.js';
import { ensureFolder } from './ensure-folder.js';
import { isMissing } from './is-missing.js';
import type { Measurement } from './measurement.js';
import { PROFILE_SCHEMA_VERSION, profileCodec, type Profile } from './profile.js';
import { ProfilesRepository } from './profiles.repository.js';
import { SAFE_NAME } from './safe-name.js';
import type { FreshMeasurement, StepTrace } from './step-trace.js';
import { TraceFiles } from './trace-files.js';
import { workloadKey } from './workload-key.js';
import type { Workload } from './workload.js';

const EXTENSION = '.json';

/** The content of a file is not the profile that its name says. */
class UnreadableProfileError extends Error {
  readonly code = 'unreadable-profile';

  constructor(reason: string) {
    super(`This is not a profile that can be read (${reason}).`);
  }
}

interface LoadedProfile {
  /** Of the file that was read; another one means that the file was changed since, by whomever. */
  readonly stamp: string;
  readonly profile: Profile;
  readonly measurements: ReadonlyMap<string, Measurement>;
}

/** Profiles as `<machine>/<architecture>.json` in the folder of the settings. */
@Injectable()
export class ProfileFilesRepository
  extends ProfilesRepository
  implements OnApplicationBootstrap, OnApplicationShutdown
{
  private readonly logger = new Logger(ProfileFilesRepository.name);
  private readonly traces: TraceFiles;
  private readonly loaded = new Map<string, LoadedProfile>();
  /** The last write to each file; the next one waits for it. */
  private readonly writes = new Map<string, Promise<void>>();

  constructor(private readonly settings: Settings) {
    super();
    this.traces = new TraceFiles(settings.profilesDirectory);
  }

  async list(): Promise<readonly Profile[]> {
    const machines = await this.namesIn(this.settings.profilesDirectory);
    const profiles = await Promise.all(
      machines.map(async (machineId) => {
        const files = await this.namesIn(join(this.settings.profilesDirectory, machineId));
        const architectures = files
          .filter((name) => name.endsWith(EXTENSION))
          .map((name) => name.slice(0, -EXTENSION.length));
        return Promise.all(architectures.map((architecture) => this.find(machineId, architecture)));
      }),
    );
    return profiles.flat().filter((profile) => profile !== null);
  }

  async find(machineId: string, architecture: string): Promise<Profile | null> {
    const loaded = await this.load(machineId, architecture);
    return loaded?.profile ?? null;
  }

  async findMeasurement(machineId: string, workload: Workload): Promise<Measurement | null> {
    const loaded = await this.load(machineId, workload.architecture);
    return loaded?.measurements.get(workloadKey(workload)) ?? null;
  }

  async findTrace(machineId: string, measurementId: string): Promise<StepTrace | null> {
    return this.traces.find(machineId, measurementId);
  }

  async add(machine: Machine, fresh: FreshMeasurement): Promise<void> {
    const { trace, ...measurement } = fresh;
    const path = this.pathOf(machine.id, measurement.workload.architecture);
    if (path === null) {
      throw new Error(`No profile can be kept for "${measurement.workload.architecture}" on machine "${machine.id}".`);
    }
    const earlier = this.writes.get(path) ?? Promise.resolve();
    const write = earlier.then(async () => {
      if (trace) await this.traces.keep(machine.id, measurement.id, trace);
      try {
        await this.write(path, machine, measurement);
      } catch (error) {
        // A trace that no profile names would never be deleted.
        if (trace) await this.traces.remove(machine.id, measurement.id);
        throw error;
      }
    });
    // The chain goes on after a failed write; the failure itself is told to the one who asked for it.
    const settled = write.catch(() => undefined);
    this.writes.set(path, settled);
    try {
      await write;
    } finally {
      if (this.writes.get(path) === settled) {
        this.writes.delete(path);
      }
    }
  }

  async assertWritable(): Promise<void> {
    await ensureFolder(this.settings.profilesDirectory);
    await access(this.settings.profilesDirectory, constants.R_OK | constants.W_OK | constants.X_OK);
  }

  /** The service runs without, but whoever started it should know that nothing will be kept. */
  async onApplicationBootstrap(): Promise<void> {
    try {
      await this.assertWritable();
    } catch (error) {
      this.logger.warn(`Measurements cannot be kept, each request will measure anew: ${messageOf(error)}.`);
    }
  }

  /** A measurement that just ended belongs on the disk before the process ends. */
  async onApplicationShutdown(): Promise<void> {
    await Promise.all(this.writes.values());
  }

  private async write(path: string, machine: Machine, measurement: Measurement): Promise<void> {
    const { architecture } = measurement.workload;
    const current = await this.loadToReplace(path, machine.id, architecture);
    const measurements = new Map(current?.measurements);
    measurements.set(workloadKey(measurement.workload), measurement);
    const profile: Profile = {
      schemaVersion: PROFILE_SCHEMA_VERSION,
      machine,
      architecture,
      measurements: [...measurements.values()],
    };
    await ensureFolder(join(this.settings.profilesDirectory, machine.id));
    await writeFileAtomic(path, `${JSON.stringify(profileCodec.encode(profile), null, 2)}\n`, { fsync: true });
    const stamp = await this.stampOf(path);
    if (stamp !== null) {
      this.loaded.set(path, { stamp, profile, measurements });
    }
    const kept = new Set(profile.measurements.map(({ id }) => id));
    const gone = current?.profile.measurements.filter(({ id }) => !kept.has(id)) ?? [];
    await Promise.all(gone.map(({ id }) => this.traces.remove(machine.id, id)));
  }

  /** What is asked for is answered from the other files when one cannot be read; nothing is changed for a question. */
  private async load(machineId: string, architecture: string): Promise<LoadedProfile | null> {
    const path = this.pathOf(machineId, architecture);
    if (path === null) {
      return null;
    }
    try {
      return await this.loadFile(path, machineId, architecture);
    } catch (error) {
      this.logger.warn(`The profile ${path} could not be read: ${messageOf(error)}.`);
      return null;
    }
  }

  /**
   * The profile that a measurement is added to. One that is no profile is set aside; one that only cannot be opened now
   * must not be taken for an empty one, or its measurements would be lost.
   */
  private async loadToReplace(path: string, machineId: string, architecture: string): Promise<LoadedProfile | null> {
    try {
      return await this.loadFile(path, machineId, architecture);
    } catch (error) {
      if (!(error instanceof UnreadableProfileError)) {
        throw error;
      }
      await this.setAside(path, error.message);
      return null;
    }
  }

  /** From memory while the file is the one that was read; asking the file system takes a tenth of a millisecond. */
  private async loadFile(path: string, machineId: string, architecture: string): Promise<LoadedProfile | null> {
    const stamp = await this.stampOf(path);
    if (stamp === null) {
      return null;
    }
    const known = this.loaded.get(path);
    if (known?.stamp === stamp) {
      return known;
    }
    this.loaded.delete(path);
    const profile = profileIn(await readFile(path, 'utf8'), machineId, architecture);
    const measurements = new Map(profile.measurements.map((one) => [workloadKey(one.workload), one]));
    const loaded = { stamp, profile, measurements };
    this.loaded.set(path, loaded);
    return loaded;
  }

  /** What cannot be read is kept for whoever wants to look into it, and out of the way of the next measurement. */
  private async setAside(path: string, reason: string): Promise<void> {
    const aside = `${path}.unreadable-${new Date().toISOString().replaceAll(':', '')}`;
    await rename(path, aside);
    this.logger.warn(`${path}: ${reason} It is now ${aside}.`);
  }

  private pathOf(machineId: string, architecture: string): string | null {
    return SAFE_NAME.test(machineId) && SAFE_NAME.test(architecture)
      ? join(this.settings.profilesDirectory, machineId, `${architecture}${EXTENSION}`)
      : null;
  }

  private async stampOf(path: string): Promise<string | null> {
    try {
      const { mtimeMs, size, ino } = await stat(path);
      return `${String(mtimeMs)}/${String(size)}/${String(ino)}`;
    } catch (error) {
      if (isMissing(error)) {
        return null;
      }
      throw error;
    }
  }

  private async namesIn(folder: string): Promise<string[]> {
    try {
      return (await readdir(folder)).sort();
    } catch {
      return [];
    }
  }
}

/** @throws UnreadableProfileError */
function profileIn(content: string, machineId: string, architecture: string): Profile {
  let profile: Profile;
  try {
    profile = profileCodec.decode(JSON.parse(content), 'profile');
  } catch (error) {
    throw new UnreadableProfileError(messageOf(error));
  }
  if (profile.machine.id !== machineId || profile.architecture !== architecture) {
    throw new UnreadableProfileError(`it is the profile of ${profile.architecture} on machine ${profile.machine.id}`);
  }
  return profile;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
