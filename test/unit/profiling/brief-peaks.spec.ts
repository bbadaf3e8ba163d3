import { Logger } from '@nestjs/common';
import { thisHardware } from '../../fixtures/hardware.js';
import type { Measurement } from '../../../src/profiles/measurement.js';
import type { MonitoringMode } from '../../../src/profiles/workload.js';
import { DEFAULT_MEASURING_OPTIONS } from '../../../src/profiling/measuring-options.js';
import { MeasuringService } from '../../../src/profiling/measuring.service.js';
import { childProgram } from '../../fixtures/children/program.js';
import { WORKLOAD } from '../../fixtures/workload.js';

const onLinux = process.platform === 'linux' ? describe : describe.skip;

/** Processes that take a known amount of memory when nobody looks, measured as workloads are. */
onLinux('the peak of memory', () => {
  beforeAll(() => {
    Logger.overrideLogger(false);
  });

  async function measure(child: string, monitoring: MonitoringMode): Promise<Measurement> {
    const service = new MeasuringService(
      // Two steps are timed: in many, one of the samples would come upon what is held.
      { ...DEFAULT_MEASURING_OPTIONS, maxSteps: 4 },
      childProgram(child),
      thisHardware(),
    );
    try {
      return await service.measure({ ...WORKLOAD, monitoring });
    } finally {
      await service.onModuleDestroy();
    }
  }

  const expectedPeak = ({ losses }: Measurement): number => losses?.expectedPeakBytes ?? NaN;
  const errorOf = (measurement: Measurement): number =>
    Math.abs(measurement.memory.peakRssBytes / expectedPeak(measurement) - 1);

  it.each(['stepwise', 'interval'] as const)(
    'is right within 1 %% with %s monitoring, where memory is held for 2 ms',
    async (monitoring) => {
      expect(errorOf(await measure('brief-peak', monitoring))).toBeLessThan(0.01);
    },
  );

  it.each(['stepwise', 'interval'] as const)(
    'is right within 1 %% with %s monitoring, where memory is held between the phases of a step alone',
    async (monitoring) => {
      const measurement = await measure('peak-between-phases', monitoring);
      const read = measurement.memory.readings.map(({ rssBytes }) => rssBytes);
      expect(read).toHaveLength(3);
      // What there is to find is not in the readings, and what was held before the steps is more.
      expect(Math.max(...read)).toBeLessThan(0.7 * expectedPeak(measurement));
      expect(errorOf(measurement)).toBeLessThan(0.01);
    },
  );
});
