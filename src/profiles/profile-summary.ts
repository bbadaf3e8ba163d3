import { count, flag, moment, nullable, object, text } from '../common/codec.js';
import type { Machine } from '../hardware/machine.js';
import { staleBecause } from './kept-measurement.js';
import type { Profile } from './profile.js';
import type { UnreadableFile } from './profiles.repository.js';

/** A profile as it appears in the list of all. */
export interface ProfileSummary {
  readonly machine: string;
  readonly architecture: string;
  readonly ofThisMachine: boolean;
  readonly measurements: number;
  readonly stale: number;
  /** Null for a profile without measurements. */
  readonly lastMeasuredAt: string | null;
  readonly href: string;
}

export const profileSummaryCodec = object<ProfileSummary>({
  machine: text("The machine's id, as in /api/v1/hardware."),
  architecture: text("torchvision's name."),
  ofThisMachine: flag('Whether the machine is the one that answers: measurements of others answer no requests.'),
  measurements: count('Earlier ones of the same workloads included.'),
  stale: count(
    'How many of them this machine did not make with what it has now, or within limits that are not known; 0 for other machines.',
  ),
  lastMeasuredAt: nullable(moment()),
  href: text('Where the whole profile is.'),
});

export const unreadableCodec = object<UnreadableFile>({
  file: text('Path below the folder of profiles.'),
  reason: text(),
  setAside: flag('Whether it was renamed to be out of the way; nothing reads it any more, and it may be deleted.'),
});

export function summarise({ machine, architecture, measurements }: Profile, here: Machine): ProfileSummary {
  const moments = measurements.map(({ measuredAt }) => measuredAt).sort();
  const ofThisMachine = machine.id === here.id;
  return {
    machine: machine.id,
    architecture,
    ofThisMachine,
    measurements: measurements.length,
    stale: ofThisMachine ? measurements.filter((measurement) => staleBecause(measurement, here).length > 0).length : 0,
    lastMeasuredAt: moments.at(-1) ?? null,
    href: profilePath(machine.id, architecture),
  };
}

export function profilePath(machineId: string, architecture: string): string {
  return `/api/v1/profiles/${encodeURIComponent(machineId)}/${encodeURIComponent(architecture)}`;
}

export function tracePath(machineId: string, architecture: string, measurementId: string): string {
  return `${profilePath(machineId, architecture)}/measurements/${encodeURIComponent(measurementId)}/trace`;
}
