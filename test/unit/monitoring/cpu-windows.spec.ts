import { CpuWindows } from '../../../src/monitoring/cpu-windows.js';

describe('CpuWindows', () => {
  it('relates CPU time to wall time and cores', () => {
    const windows = new CpuWindows(4);
    windows.add(10, 100);
    expect(windows.add(11, 102)).toBeCloseTo(50);
    expect(windows.meanPercent).toBeCloseTo(50);
  });

  it('takes the peak over windows of at least 100 ms, so that a burst of 10 ms does not count as full load', () => {
    const windows = new CpuWindows(1);
    let cpuSeconds = 0;
    for (let tick = 0; tick <= 100; tick++) {
      if (tick === 50) cpuSeconds += 0.01;
      windows.add(tick / 100, cpuSeconds);
    }
    expect(windows.peakPercent).toBeCloseTo(10, 0);
    expect(windows.meanPercent).toBeCloseTo(1);
  });

  it('finds a burst wherever it lies among the readings', () => {
    const windows = new CpuWindows(2);
    let cpuSeconds = 0;
    for (let tick = 0; tick <= 100; tick++) {
      windows.add(tick / 100, cpuSeconds);
      if (tick >= 37 && tick < 47) cpuSeconds += 0.02;
    }
    expect(windows.peakPercent).toBeGreaterThan(89);
    expect(windows.peakPercent).toBeLessThanOrEqual(100.001);
  });

  it('takes longer windows as they are when readings are far apart', () => {
    const windows = new CpuWindows(1);
    windows.add(0, 0);
    expect(windows.add(2, 1)).toBeCloseTo(50);
    expect(windows.add(3, 2)).toBeCloseTo(100);
    expect(windows.peakPercent).toBeCloseTo(100);
  });

  it('gives the mean as the peak when all readings together span less than a window', () => {
    const windows = new CpuWindows(1);
    windows.add(0, 0);
    expect(windows.add(0.05, 0.04)).toBeNull();
    expect(windows.peakPercent).toBeCloseTo(80);
  });

  it('knows nothing before the second reading', () => {
    const windows = new CpuWindows(1);
    windows.add(0, 5);
    expect(windows.meanPercent).toBeNull();
    expect(windows.peakPercent).toBeNull();
  });
});
