import type { Machine } from '../hardware/machine.js';
import type { Measurement } from './measurement.js';
import type { Profile } from './profile.js';
import type { FreshMeasurement, StepTrace } from './step-trace.js';
import type { Workload } from './workload.js';

/** Where profiles are kept. Names that no profile could have are not errors: nothing is found under them. */
export abstract class ProfilesRepository {
  abstract list(): Promise<readonly Profile[]>;

  abstract find(machineId: string, architecture: string): Promise<Profile | null>;

  /** The measurement of exactly this workload on this machine. */
  abstract findMeasurement(machineId: string, workload: Workload): Promise<Measurement | null>;

  /** The trace that was kept with a measurement; null where there is none, as of measurements by earlier versions. */
  abstract findTrace(machineId: string, measurementId: string): Promise<StepTrace | null>;

  /**
   * Adds a measurement to the profile of its architecture, in place of an earlier one of the same workload. When the
   * promise resolves, the measurement outlives a crash. Its trace is kept apart, before it, and deleted with it.
   */
  abstract add(machine: Machine, measurement: FreshMeasurement): Promise<void>;

  /** Resolves when profiles can be written. */
  abstract assertWritable(): Promise<void>;
}
