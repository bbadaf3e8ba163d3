import { cpus, freemem, totalmem } from 'node:os';
import { kibibyteField, ProcFile } from './proc-file.js';
import { type ThermalCounts, ThermalCounters } from './thermal-counters.js';

/** CPU time of all processors of the machine since it started. */
export interface MachineCpuTimes {
  readonly busySeconds: number;
  /** In which the machine had work and its hypervisor ran others; null where the system does not tell. */
  readonly stolenSeconds: number | null;
  /** Busy, stolen and idle. */
  readonly totalSeconds: number;
}

/** Reads the machine as a whole. */
export interface MachineReader {
  /** Memory that could not be had without swapping: total less available. */
  usedMemoryBytes(): number;
  cpuTimes(): MachineCpuTimes;
  /** How often processors were slowed down for heat; null where the system does not count. */
  thermalCounts(): ThermalCounts | null;
  close(): void;
}

/** Ticks of `/proc/stat` in a second: USER_HZ, 100 on every architecture that Node runs on. */
const TICKS_PER_SECOND = 100;

class ProcMachineReader implements MachineReader {
  private readonly memory = new ProcFile('/proc/meminfo');
  private readonly cpu = new ProcFile('/proc/stat');
  private readonly thermal = new ThermalCounters();

  usedMemoryBytes(): number {
    const text = this.memory.read();
    const total = kibibyteField(text, 'MemTotal') ?? totalmem();
    return total - (kibibyteField(text, 'MemAvailable') ?? freemem());
  }

  cpuTimes(): MachineCpuTimes {
    return parseCpuLine(this.cpu.read());
  }

  thermalCounts(): ThermalCounts | null {
    return this.thermal.read();
  }

  close(): void {
    this.memory.close();
    this.cpu.close();
  }
}

class NodeMachineReader implements MachineReader {
  usedMemoryBytes(): number {
    return totalmem() - freemem();
  }

  cpuTimes(): MachineCpuTimes {
    let busy = 0;
    let idle = 0;
    for (const { times } of cpus()) {
      busy += times.user + times.nice + times.sys + times.irq;
      idle += times.idle;
    }
    return { busySeconds: busy / 1000, stolenSeconds: null, totalSeconds: (busy + idle) / 1000 };
  }

  thermalCounts(): null {
    return null;
  }

  close(): void {
    // Holds nothing open.
  }
}

/**
 * The first line of `/proc/stat`: user, nice, system, idle, iowait, irq, softirq, steal in ticks. The two fields for
 * guests that follow are contained in the first two already.
 */
export function parseCpuLine(text: string): MachineCpuTimes {
  const line = text.slice(0, text.indexOf('\n'));
  const ticks = line.trim().split(/\s+/).slice(1, 9).map(Number);
  const total = ticks.reduce((sum, value) => sum + value, 0);
  const unused = (ticks[3] ?? 0) + (ticks[4] ?? 0);
  const stolen = ticks[7] ?? 0;
  return {
    busySeconds: (total - unused - stolen) / TICKS_PER_SECOND,
    stolenSeconds: stolen / TICKS_PER_SECOND,
    totalSeconds: total / TICKS_PER_SECOND,
  };
}

/**
 * Share of the machine that other processes of it than one used between two readings, 0 to 100; 0 when no tick passed.
 * @param processCpuSeconds CPU time of that process between the two readings.
 */
export function otherLoadPercent(before: MachineCpuTimes, after: MachineCpuTimes, processCpuSeconds: number): number {
  const total = after.totalSeconds - before.totalSeconds;
  if (total <= 0) return 0;
  const others = after.busySeconds - before.busySeconds - processCpuSeconds;
  return Math.min(100, Math.max(0, (100 * others) / total));
}

/** Share of the machine's CPU time that its hypervisor gave to others between two readings, 0 to 100; 0 when no tick passed. */
export function stolenPercent(before: MachineCpuTimes, after: MachineCpuTimes): number | null {
  if (before.stolenSeconds === null || after.stolenSeconds === null) return null;
  const total = after.totalSeconds - before.totalSeconds;
  return total <= 0 ? 0 : Math.min(100, Math.max(0, (100 * (after.stolenSeconds - before.stolenSeconds)) / total));
}

/** Reads `/proc` where there is one, else what Node tells. */
export function openMachineReader(): MachineReader {
  try {
    return new ProcMachineReader();
  } catch {
    return new NodeMachineReader();
  }
}
