import { Logger } from '@nestjs/common';
import { thisHardware } from '../../fixtures/hardware.js';
import type { Measurement } from '../../../src/profiles/measurement.js';
import { DEFAULT_MEASURING_OPTIONS } from '../../../src/profiling/measuring-options.js';
import { MeasuringService } from '../../../src/profiling/measuring.service.js';
import { childProgram } from '../../fixtures/children/program.js';
import { WORKLOAD } from '../../fixtures/workload.js';

const MEBIBYTE = 2 ** 20;

const onLinux = process.platform === 'linux' ? describe : describe.skip;

/** One service, many measurements: each process holds 32 MiB for each image, and only samples can tell. */
onLinux('monitoring of one measurement after another', () => {
  let service: MeasuringService;

  beforeAll(() => {
    Logger.overrideLogger(false);
    service = new MeasuringService(DEFAULT_MEASURING_OPTIONS, childProgram('held-by-batch'), thisHardware());
  });

  afterAll(() => service.onModuleDestroy());

  const measure = (batchSize: number): Promise<Measurement> =>
    service.measure({ ...WORKLOAD, batchSize, monitoring: 'interval', samplingIntervalSeconds: 0.01 });
  const peakMebibytes = ({ memory }: Measurement): number => memory.peakRssBytes / MEBIBYTE;

  it('begins anew with each, and the peak of an earlier one is not told again', async () => {
    const small = await measure(1);
    const large = await measure(10);
    const smallAgain = await measure(1);
    expect(peakMebibytes(large) - peakMebibytes(small)).toBeGreaterThan(200);
    expect(peakMebibytes(large) - peakMebibytes(smallAgain)).toBeGreaterThan(200);
    for (const { samples, memory } of [small, large, smallAgain]) {
      expect(memory.peakSource).toBe('sampling');
      expect(samples.length).toBeGreaterThan(2);
      expect(samples[0]?.seconds).toBeLessThan(0.1);
      expect(Math.max(...samples.map(({ rssBytes }) => rssBytes))).toBe(memory.peakRssBytes);
    }
  });

  it('keeps two at the same time apart', async () => {
    const [small, large] = await Promise.all([measure(1), measure(10)]);
    expect(peakMebibytes(large) - peakMebibytes(small)).toBeGreaterThan(200);
  });

  it('is of the memory of the process, which is far less than that of the machine', async () => {
    const { memory } = await measure(10);
    expect(memory.peakRssBytes / MEBIBYTE).toBeGreaterThan(320);
    expect(memory.peakRssBytes / MEBIBYTE).toBeLessThan(700);
    // What the machine had in use besides is told, but apart.
    expect(memory.machineUsedBeforeBytes).not.toBe(memory.peakRssBytes);
  });
});
