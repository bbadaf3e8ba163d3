import { totalmem } from 'node:os';
import {
  openMachineReader,
  otherLoadPercent,
  parseCpuLine,
  stolenPercent,
} from '../../../src/monitoring/machine-reader.js';
import { kibibyteField } from '../../../src/monitoring/proc-file.js';

describe('parseCpuLine', () => {
  it('counts waiting as idle, stolen time apart, and the time of guests once', () => {
    const line = 'cpu  100 20 30 400 50 6 7 8 90 10\ncpu0 1 1 1 1 1 1 1 1 1 1\n';
    expect(parseCpuLine(line)).toEqual({ busySeconds: 1.63, stolenSeconds: 0.08, totalSeconds: 6.21 });
  });
});

describe('otherLoadPercent', () => {
  const before = { busySeconds: 10, stolenSeconds: 1, totalSeconds: 100 };

  it('is what is left when the process is taken away', () => {
    expect(otherLoadPercent(before, { busySeconds: 16, stolenSeconds: 1, totalSeconds: 110 }, 5)).toBeCloseTo(10);
  });

  it('is never negative, although ticks are coarser than the CPU time of the process', () => {
    expect(otherLoadPercent(before, { busySeconds: 15, stolenSeconds: 1, totalSeconds: 110 }, 5.01)).toBe(0);
  });

  it('is 0 when no tick passed', () => {
    expect(otherLoadPercent(before, before, 0)).toBe(0);
  });
});

describe('stolenPercent', () => {
  const before = { busySeconds: 10, stolenSeconds: 1, totalSeconds: 100 };

  it('is the share of all CPU time, of whatever others used', () => {
    expect(stolenPercent(before, { busySeconds: 16, stolenSeconds: 1.5, totalSeconds: 110 })).toBeCloseTo(5);
    expect(stolenPercent(before, { busySeconds: 16, stolenSeconds: 1, totalSeconds: 110 })).toBe(0);
  });

  it('is 0 when no tick passed, and null where the system does not tell', () => {
    expect(stolenPercent(before, before)).toBe(0);
    expect(stolenPercent(before, { ...before, stolenSeconds: null })).toBeNull();
  });
});

describe('the reader of this machine', () => {
  it('finds some of the memory used, and processors that run', () => {
    const reader = openMachineReader();
    const used = reader.usedMemoryBytes();
    const { busySeconds, totalSeconds } = reader.cpuTimes();
    reader.close();
    expect(used).toBeGreaterThan(0);
    expect(used).toBeLessThan(totalmem());
    expect(busySeconds).toBeGreaterThan(0);
    expect(busySeconds).toBeLessThan(totalSeconds);
  });
});

describe('kibibyteField', () => {
  const status = 'VmHWM:\t    2048 kB\nVmRSS:\t    1024 kB\nThreads:\tmany\n';

  it.each([
    ['VmHWM', 2_097_152],
    ['VmRSS', 1_048_576],
    ['HWM', null],
    ['VmSwap', null],
    ['Threads', null],
  ])('%s is %p bytes', (name, bytes) => {
    expect(kibibyteField(status, name)).toBe(bytes);
  });
});
