import { choice, DecodingError, list, object, text, type Codec } from '../common/codec.js';
import { conditionsOf } from '../hardware/conditions.js';
import type { Machine } from '../hardware/machine.js';
import { machineCodec } from '../hardware/machine.codec.js';
import { checkFigures } from './check-figures.js';
import { keptMeasurementCodec, type KeptMeasurement } from './kept-measurement.js';
import { measurementCodec } from './measurement.codec.js';
import type { Measurement } from './measurement.js';
import { isSafeName, NAME_RULE } from './safe-name.js';

/**
 * Raised when a file of an earlier version can no longer be read as it stands. Version 2: each measurement says what it
 * was made with, and there may be several of one workload.
 */
export const PROFILE_SCHEMA_VERSION = 2;

/** Everything measured of one architecture on one machine: one file. */
export interface Profile {
  readonly schemaVersion: typeof PROFILE_SCHEMA_VERSION;
  /** As it was when the newest measurement was made; what each was made with it says itself. */
  readonly machine: Machine;
  /** torchvision's name. */
  readonly architecture: string;
  /** Oldest first. */
  readonly measurements: readonly KeptMeasurement[];
}

export const profileCodec = object<Profile>({
  schemaVersion: choice([PROFILE_SCHEMA_VERSION]),
  machine: machineCodec,
  architecture: text("torchvision's name."),
  measurements: list(keptMeasurementCodec, 'Oldest first.'),
});

interface ProfileOfVersion1 {
  readonly schemaVersion: 1;
  readonly machine: Machine;
  readonly architecture: string;
  readonly measurements: readonly Measurement[];
}

const version1Codec: Codec<ProfileOfVersion1> = object<ProfileOfVersion1>({
  schemaVersion: choice([1]),
  machine: machineCodec,
  architecture: text(),
  measurements: list(measurementCodec),
});

/** The file was written by a later version of this project: nothing is wrong with it, but it cannot be read here. */
export class LaterSchemaError extends Error {
  readonly code = 'later-schema';

  constructor(readonly version: number) {
    super(
      `its schema_version is ${version}, and this version of the service knows those up to ${PROFILE_SCHEMA_VERSION}: ` +
        'use a later one',
    );
  }
}

/**
 * A profile as it lies in a file, of any version up to {@link PROFILE_SCHEMA_VERSION}.
 *
 * @param path what the names of wrong members begin with
 * @throws DecodingError; LaterSchemaError
 */
export function decodeProfile(value: unknown, path: string): Profile {
  const version = versionOf(value);
  if (version !== null && version > PROFILE_SCHEMA_VERSION) throw new LaterSchemaError(version);
  const profile = version === 1 ? upgrade(version1Codec.decode(value, path)) : profileCodec.decode(value, path);
  check(profile, path);
  return profile;
}

/** What a machine had was part of its identity then: all measurements of a file were made with the same. */
function upgrade({ machine, architecture, measurements }: ProfileOfVersion1): Profile {
  const conditions = conditionsOf(machine);
  return {
    schemaVersion: PROFILE_SCHEMA_VERSION,
    machine,
    architecture,
    measurements: measurements.map((measurement) => ({ ...measurement, conditions })),
  };
}

/** What a schema does not say. */
function check({ machine, architecture, measurements }: Profile, path: string): void {
  if (!isSafeName(machine.id)) throw new DecodingError(`${path}.machine.id`, NAME_RULE, machine.id);
  if (!isSafeName(architecture)) throw new DecodingError(`${path}.architecture`, NAME_RULE, architecture);
  const ids = new Set<string>();
  for (const [index, measurement] of measurements.entries()) {
    const where = `${path}.measurements[${index}]`;
    const { id, workload } = measurement;
    if (!isSafeName(id)) throw new DecodingError(`${where}.id`, NAME_RULE, id);
    if (ids.has(id)) throw new DecodingError(`${where}.id`, 'unlike those of other measurements', id);
    ids.add(id);
    if (workload.architecture !== architecture) {
      const expected = `"${architecture}", as the profile's architecture`;
      throw new DecodingError(`${where}.workload.architecture`, expected, workload.architecture);
    }
    checkFigures(measurement, where);
  }
}

function versionOf(value: unknown): number | null {
  const version =
    typeof value === 'object' && value !== null && 'schema_version' in value ? value.schema_version : null;
  return typeof version === 'number' ? version : null;
}
