import { aMeasurement } from '../../fixtures/measurements.js';
import type { RunningService } from './start-service.js';

/** Another machine, that nothing else is known of. */
export const TWIN = 'fedcba987654';

/** A file of a profile, as far as tests look into it. */
export interface Exported {
  schema_version: number;
  machine: { id: string; engine_version: string };
  architecture: string;
  measurements: {
    id: string;
    measured_at: string;
    times: {
      step_seconds: { median: number; p05: number; p95: number };
      forward_seconds: number | null;
      backward_seconds: number | null;
      optimizer_seconds: number | null;
    };
  }[];
}

/** Each measurement of the service gets an id and a time of its own, as real ones have: `m1`, `m2`, ... */
export function measureAnew({ measuring }: RunningService): void {
  let made = 0;
  measuring.behaviour = (workload) => {
    made += 1;
    const measuredAt = `2026-11-20T09:30:0${String(made)}.000Z`;
    return Promise.resolve(aMeasurement(workload, { id: `m${String(made)}`, measuredAt }));
  };
}

/** The file of a profile, through its export. */
export async function exportOf(profile: string): Promise<Exported> {
  return (await (await fetch(`${profile}/export`)).json()) as Exported;
}

/** The profile of another machine that takes so many times as long for a step. */
export function exportedOf(given: Exported, machine: string, factor = 1): Exported {
  const other = structuredClone(given);
  other.machine.id = machine;
  for (const { times } of other.measurements) {
    for (const name of ['median', 'p05', 'p95'] as const) times.step_seconds[name] *= factor;
    for (const name of ['forward_seconds', 'backward_seconds', 'optimizer_seconds'] as const) {
      const seconds = times[name];
      if (seconds !== null) times[name] = seconds * factor;
    }
  }
  return other;
}

/** As version 0.3 wrote it: what a measurement was made with is said of the machine alone. */
export function asVersion1(given: Exported, machine: string): object {
  const measurements = given.measurements.map((one) => ({ ...one, conditions: undefined }));
  return { ...given, schema_version: 1, machine: { ...given.machine, id: machine }, measurements };
}
