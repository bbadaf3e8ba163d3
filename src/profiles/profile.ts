import { choice, list, object, text, type Codec } from '../common/codec.js';
import type { Machine } from '../hardware/machine.js';
import { machineCodec } from '../hardware/machine.codec.js';
import { measurementCodec } from './measurement.codec.js';
import type { Measurement } from './measurement.js';

/** Raised when a file of an earlier version can no longer be read as it stands. */
export const PROFILE_SCHEMA_VERSION = 1;

/** Everything measured of one architecture on one machine: one file. */
export interface Profile {
  readonly schemaVersion: typeof PROFILE_SCHEMA_VERSION;
  readonly machine: Machine;
  /** torchvision's name. */
  readonly architecture: string;
  /** One for each workload, in the order in which they were first measured. */
  readonly measurements: readonly Measurement[];
}

export const profileCodec: Codec<Profile> = object<Profile>({
  schemaVersion: choice([PROFILE_SCHEMA_VERSION]),
  machine: machineCodec,
  architecture: text("torchvision's name."),
  measurements: list(measurementCodec),
});
