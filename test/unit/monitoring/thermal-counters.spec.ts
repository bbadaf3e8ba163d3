import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { heatSlowdowns, ThermalCounters } from '../../../src/monitoring/thermal-counters.js';

describe('ThermalCounters', () => {
  let root: string;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'thermal-'));
  });
  afterEach(() => {
    rmSync(root, { recursive: true });
  });

  const folderOf = (processor: number): string =>
    join(root, `sys/devices/system/cpu/cpu${String(processor)}/thermal_throttle`);

  function count(processor: number, core: number, whole: number): void {
    mkdirSync(folderOf(processor), { recursive: true });
    writeFileSync(join(folderOf(processor), 'core_throttle_count'), `${String(core)}\n`);
    writeFileSync(join(folderOf(processor), 'package_throttle_count'), `${String(whole)}\n`);
  }

  it('knows nothing where the system does not count', () => {
    expect(new ThermalCounters(root).read()).toBeNull();
    mkdirSync(join(root, 'sys/devices/system/cpu/cpu0'), { recursive: true });
    mkdirSync(join(root, 'sys/devices/system/cpu/cpufreq'), { recursive: true });
    expect(new ThermalCounters(root).read()).toBeNull();
  });

  it('counts an event of the whole processor once, however many cores it has', () => {
    [0, 1, 10].forEach((processor) => count(processor, 3, 8));
    const counters = new ThermalCounters(root);
    const before = counters.read();
    count(0, 3, 10);
    count(1, 4, 10);
    count(10, 3, 10);
    expect(heatSlowdowns(before, counters.read())).toBe(2);
  });

  it('goes on when a core is taken offline', () => {
    [0, 1].forEach((processor) => count(processor, 1, 1));
    const counters = new ThermalCounters(root);
    const before = counters.read();
    rmSync(folderOf(0), { recursive: true });
    count(1, 6, 1);
    expect(heatSlowdowns(before, counters.read())).toBe(5);
  });

  it('has not happened where nothing changed, and is unknown without counters', () => {
    count(0, 3, 8);
    const counts = new ThermalCounters(root).read();
    expect(heatSlowdowns(counts, counts)).toBe(0);
    expect(heatSlowdowns(null, null)).toBeNull();
  });
});
