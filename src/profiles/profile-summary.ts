import { count, moment, nullable, object, text } from '../common/codec.js';
import type { Profile } from './profile.js';

/** A profile as it appears in the list of all. */
export interface ProfileSummary {
  readonly machine: string;
  readonly architecture: string;
  readonly measurements: number;
  /** Null for a profile without measurements. */
  readonly lastMeasuredAt: string | null;
  readonly href: string;
}

export const profileSummaryCodec = object<ProfileSummary>({
  machine: text("The machine's id, as in /api/v1/hardware."),
  architecture: text("torchvision's name."),
  measurements: count(),
  lastMeasuredAt: nullable(moment()),
  href: text('Where the whole profile is.'),
});

export function summarise({ machine, architecture, measurements }: Profile): ProfileSummary {
  const moments = measurements.map(({ measuredAt }) => measuredAt).sort();
  return {
    machine: machine.id,
    architecture,
    measurements: measurements.length,
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
