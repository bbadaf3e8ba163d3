import { assembleMeasurement, type MeasurementParts } from '../../../src/profiling/assemble-measurement.js';
import type { OutsideFigures } from '../../../src/profiling/outside-view.js';
import type { Measurement } from '../../../src/profiles/measurement.js';
import { RESULT } from '../../fixtures/children/result.js';
import { WORKLOAD } from '../../fixtures/workload.js';

const OUTSIDE: OutsideFigures = {
  before: {
    machineCpu: { busySeconds: 100, stolenSeconds: 10, totalSeconds: 1000 },
    quota: { periods: 200, throttledPeriods: 50 },
    thermal: [5, 7, null],
  },
  after: {
    machineCpu: { busySeconds: 130, stolenSeconds: 12, totalSeconds: 1040 },
    quota: { periods: 300, throttledPeriods: 75 },
    thermal: [5, 10, 4],
  },
  wallSeconds: 10,
  sampling: null,
  gpu: null,
};

const SAMPLING = {
  samples: [{ seconds: 0, rssBytes: 70, cpuPercent: 30 }],
  peakRssBytes: 70,
  cpuPeakPercent: 35,
  cpuMeanPercent: 25,
};

const assemble = (changes: Partial<MeasurementParts>): Measurement =>
  assembleMeasurement({
    workload: { ...WORKLOAD, threads: 2 },
    measuredAt: new Date('2026-01-02T03:04:05Z'),
    durationSeconds: 12,
    limits: { maxSteps: 100, maxSeconds: 10 },
    machineUsedBeforeBytes: 1234,
    allowedCores: 2,
    result: { ...RESULT, peakRssBytes: 60 },
    outside: OUTSIDE,
    tracedCpu: null,
    ...changes,
  });

describe('assembleMeasurement', () => {
  it("takes the child's own figures for step-wise monitoring", () => {
    const { memory, cpu, samples, measuredAt } = assemble({});
    expect(memory).toMatchObject({ peakRssBytes: 60, peakSource: 'kernel', machineUsedBeforeBytes: 1234 });
    expect(cpu).toMatchObject({ meanPercent: 80, peakPercent: 90, source: 'process-clock' });
    expect(samples).toEqual([]);
    expect(measuredAt).toBe('2026-01-02T03:04:05.000Z');
  });

  it('keeps the limits that it was measured within, and whether they cut it short', () => {
    expect(assemble({}).protocol).toEqual({ maxSteps: 100, maxSeconds: 10, shortened: false });
    expect(assemble({ result: { ...RESULT, shortened: true } }).protocol).toMatchObject({ shortened: true });
  });

  it('takes what was sampled for interval monitoring', () => {
    const { memory, cpu, samples } = assemble({ outside: { ...OUTSIDE, sampling: SAMPLING } });
    expect(memory).toMatchObject({ peakRssBytes: 70, peakSource: 'sampling' });
    expect(cpu).toMatchObject({ meanPercent: 25, peakPercent: 35, source: 'schedstat' });
    expect(samples).toEqual(SAMPLING.samples);
  });

  it("keeps the kernel's peak where sampling missed it", () => {
    const { memory } = assemble({
      result: { ...RESULT, peakRssBytes: 80 },
      outside: { ...OUTSIDE, sampling: SAMPLING },
    });
    expect(memory).toMatchObject({ peakRssBytes: 80, peakSource: 'kernel' });
  });

  it('takes the highest reading where there is neither', () => {
    const { memory } = assemble({
      result: {
        ...RESULT,
        peakRssBytes: null,
        baselineRssBytes: 40,
        readings: [{ point: 'step_end', rssBytes: 55, source: 'kernel', cpuPercent: null, cpuSource: null }],
      },
    });
    expect(memory).toMatchObject({ peakRssBytes: 55, peakSource: 'readings' });
  });

  it('keeps what was held while loading, and what are pages of files', () => {
    const { memory } = assemble({ result: { ...RESULT, loadingPeakRssBytes: 90, fileRssBytes: null } });
    expect(memory).toMatchObject({ loadingPeakRssBytes: 90, fileRssBytes: null });
  });

  it('relates CPU use to the cores allowed when fewer threads were asked for', () => {
    const { cpu } = assemble({ allowedCores: 8 });
    expect(cpu).toMatchObject({ meanPercent: 20, peakPercent: 22.5 });
  });

  it('never exceeds 100 % of the cores', () => {
    expect(assemble({ allowedCores: 1 }).cpu).toMatchObject({ meanPercent: 100, peakPercent: 100 });
  });

  it("takes for other load what the machine did beside the process's own account", () => {
    expect(assemble({}).cpu.otherLoadPercent).toBeCloseTo(35);
    expect(assemble({ result: { ...RESULT, cpuMeanPercent: 0 } }).cpu.otherLoadPercent).toBeCloseTo(75);
  });

  it('takes what else took the processor away from what was counted before and after', () => {
    expect(assemble({}).cpu).toMatchObject({ stolenPercent: 5, throttledPercent: 25, heatSlowdowns: 3 });
  });

  it('says nothing of what the system does not count, and 0 of what did not happen', () => {
    const uncounted = { ...OUTSIDE.before, quota: null, thermal: null };
    expect(assemble({ outside: { ...OUTSIDE, before: uncounted, after: uncounted } }).cpu).toMatchObject({
      stolenPercent: 0,
      throttledPercent: null,
      heatSlowdowns: null,
    });
    expect(assemble({ outside: { ...OUTSIDE, after: OUTSIDE.before } }).cpu).toMatchObject({
      throttledPercent: 0,
      heatSlowdowns: 0,
    });
  });
});
