import type { Machine } from '../hardware/machine.js';
import type { KeptMeasurement } from './kept-measurement.js';
import type { TimingLimits } from './measurement.js';
import type { Profile } from './profile.js';
import type { FreshMeasurement, StepTrace } from './step-trace.js';
import type { Workload } from './workload.js';

/** A file among the profiles that is none. */
export interface UnreadableFile {
  /** Path below the folder of profiles. */
  readonly file: string;
  readonly reason: string;
  /** Whether it was renamed, so that it is in nobody's way. */
  readonly setAside: boolean;
}

export interface Listing {
  readonly profiles: readonly Profile[];
  readonly unreadable: readonly UnreadableFile[];
}

/** What became of a profile that was merged into what is kept. */
export interface MergeOutcome {
  readonly added: readonly string[];
  /** Ids that were there already, with the same content. */
  readonly known: readonly string[];
  /** Ids that were there already with another content, which stays. */
  readonly different: readonly string[];
}

/**
 * Where profiles are kept. Names that no profile could have are not errors: nothing is found under them. Whatever
 * changes profiles outlives a crash when its promise resolves; when it rejects, all is as it was.
 */
export abstract class ProfilesRepository {
  abstract list(): Promise<Listing>;

  /** @throws UnreadableProfileError; ClosedProfileError */
  abstract find(machineId: string, architecture: string): Promise<Profile | null>;

  /** The file of a profile as it lies, also when it cannot be read. */
  abstract content(machineId: string, architecture: string): Promise<string | null>;

  /** The newest of exactly this workload that the machine made with what it has now, within limits as wide as these. */
  abstract findMeasurement(machine: Machine, workload: Workload, limits: TimingLimits): Promise<KeptMeasurement | null>;

  /** The trace that was kept with a measurement; null where there is none, as of measurements by earlier versions. */
  abstract findTrace(machineId: string, measurementId: string): Promise<StepTrace | null>;

  /**
   * Adds a measurement, made on the machine as it is, to the profile of its architecture. Its trace is kept apart, before
   * it; whatever removes a measurement removes its trace.
   * @throws ProfileStorageError
   */
  abstract add(machine: Machine, measurement: FreshMeasurement): Promise<void>;

  /**
   * Adds the measurements that are not kept yet, told by their ids.
   * @throws ProfileStorageError
   */
  abstract merge(profile: Profile): Promise<MergeOutcome>;

  /** @returns false where there is none @throws ProfileStorageError */
  abstract remove(machineId: string, architecture: string): Promise<boolean>;

  /** @returns false where there is none @throws ProfileStorageError */
  abstract removeMeasurement(machineId: string, architecture: string, id: string): Promise<boolean>;

  /** Renames all files that are no profiles; those that cannot be renamed stay, and are told of in the log. */
  abstract setUnreadableAside(): Promise<void>;

  /**
   * Removes what processes that were killed have left beside profiles: files that were not written to their end, and
   * traces that no profile names. What another living process is writing stays.
   */
  abstract sweep(): Promise<void>;

  /** Renames a profile whose measurements are all kept in another one. @throws ProfileStorageError */
  abstract retire(machineId: string, architecture: string): Promise<void>;

  /** Resolves when profiles can be written, which is tried. @throws ProfileStorageError */
  abstract assertWritable(): Promise<void>;
}
