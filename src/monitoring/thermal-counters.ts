import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const PROCESSORS = 'sys/devices/system/cpu';
/** How often a core, and the package that it is in, was slowed down for heat: Linux has them for Intel's processors. */
const COUNTERS = ['core_throttle_count', 'package_throttle_count'];

/** A count for each counter, always in the same order; null for one that could not be read, as of a core taken offline. */
export type ThermalCounts = readonly (number | null)[];

/** Reads how often the machine's processors were slowed down for heat. */
export class ThermalCounters {
  private readonly files: readonly string[];

  /** @param root of the file system that `/sys` is read from. */
  constructor(private readonly root = '/') {
    const processors = namesIn(join(root, PROCESSORS)).filter((name) => /^cpu\d+$/.test(name));
    this.files = processors.flatMap((name) =>
      COUNTERS.map((counter) => join(PROCESSORS, name, 'thermal_throttle', counter)),
    );
  }

  /** Null where the system has no such counters, as on most virtual machines. */
  read(): ThermalCounts | null {
    const counts = this.files.map((file) => this.countIn(file));
    return counts.some((count) => count !== null) ? counts : null;
  }

  private countIn(file: string): number | null {
    try {
      const count = Number.parseInt(readFileSync(join(this.root, file), 'utf8'), 10);
      return Number.isNaN(count) ? null : count;
    } catch {
      return null;
    }
  }
}

/**
 * Slow-downs between two readings: the highest increase of a counter. A sum would count one event for each thread of a
 * core and each core of a package.
 */
export function heatSlowdowns(before: ThermalCounts | null, after: ThermalCounts | null): number | null {
  if (before === null || after === null) return null;
  return after.reduce<number>((highest, count, index) => {
    const earlier = before[index] ?? null;
    return count === null || earlier === null ? highest : Math.max(highest, count - earlier);
  }, 0);
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
