import { Logger } from '@nestjs/common';
import { thisHardware } from '../../fixtures/hardware.js';
import type { ChildProgram } from '../../../src/profiling/child-program.js';
import { DEFAULT_MEASURING_OPTIONS, type MeasuringOptions } from '../../../src/profiling/measuring-options.js';
import {
  ChildDiedError,
  CountsOutOfRangeError,
  DoesNotFitError,
  MeasuringCancelledError,
  MeasuringFailedError,
  MeasuringTimeoutError,
  NonFiniteLossError,
  OutOfMemoryError,
  UntrainableWorkloadError,
} from '../../../src/profiling/measuring.errors.js';
import { MeasuringService } from '../../../src/profiling/measuring.service.js';
import type { Workload } from '../../../src/profiles/workload.js';
import { childProgram } from '../../fixtures/children/program.js';
import { RESULT } from '../../fixtures/children/result.js';
import { WORKLOAD } from '../../fixtures/workload.js';

interface Circumstances extends Partial<MeasuringOptions> {
  readonly program?: Partial<ChildProgram>;
}

const sampledEvery = (samplingIntervalSeconds: number): Workload => ({
  ...WORKLOAD,
  monitoring: 'interval',
  samplingIntervalSeconds,
});

describe('MeasuringService', () => {
  const hardware = thisHardware();
  const services: MeasuringService[] = [];

  /** A service whose measuring process is one of the fixtures. */
  function serviceWith(child: string, { program, ...options }: Circumstances = {}): MeasuringService {
    const service = new MeasuringService(
      { ...DEFAULT_MEASURING_OPTIONS, ...options },
      childProgram(child, program),
      hardware,
    );
    services.push(service);
    return service;
  }

  /** Resolves once the child has reported that it works. */
  function begun(
    service: MeasuringService,
    signal?: AbortSignal,
  ): { working: Promise<void>; result: Promise<unknown> } {
    let result: Promise<unknown> = Promise.resolve();
    const working = new Promise<void>((resolve) => {
      result = service.measure(WORKLOAD, { onProgress: () => resolve(), ...(signal === undefined ? {} : { signal }) });
    });
    // Looked at later; until then a rejection is no fault.
    result.catch(() => undefined);
    return { working, result };
  }

  beforeAll(() => {
    Logger.overrideLogger(false);
  });

  afterEach(async () => {
    jest.restoreAllMocks();
    await Promise.all(services.splice(0).map((service) => service.onModuleDestroy()));
  });

  it('joins what the child measured with what was seen from outside', async () => {
    const measurement = await serviceWith('ok').measure(WORKLOAD);
    expect(measurement).toMatchObject({
      workload: WORKLOAD,
      network: RESULT.network,
      times: RESULT.times,
      operators: RESULT.operators,
      losses: RESULT.losses,
      samples: [],
    });
    expect(measurement.id).toMatch(/^[0-9a-f-]{36}$/);
    expect(new Date(measurement.measuredAt).toISOString()).toBe(measurement.measuredAt);
    expect(measurement.memory.machineUsedBeforeBytes).toBeGreaterThan(0);
    expect(measurement.durationSeconds).toBeGreaterThan(0);
  });

  it('samples the timed phase from outside for interval monitoring', async () => {
    const { samples } = await serviceWith('ok').measure(sampledEvery(0.01));
    expect(samples.length).toBeGreaterThan(2);
    expect(samples.every(({ rssBytes }) => rssBytes > 10_000_000)).toBe(true);
    expect(samples.at(-1)?.seconds).toBeLessThan(60);
  });

  it('samples at the interval that is asked for, in each measurement at its own', async () => {
    const service = serviceWith('ok');
    const counts: number[] = [];
    // The timed phase takes 150 ms and more: the first and the last sample are taken whatever the interval.
    for (const seconds of [60, 0.01, 60]) counts.push((await service.measure(sampledEvery(seconds))).samples.length);
    expect(counts).toEqual([2, expect.any(Number), 2]);
    expect(counts[1]).toBeGreaterThan(2);
  });

  it('starts the child with the limits, and with an environment that cannot disturb the figures', async () => {
    jest.replaceProperty(process, 'env', { ...process.env, NODE_OPTIONS: '--no-warnings' });
    const { losses } = await serviceWith('environment', { maxSteps: 7, maxSeconds: 8, memoryBudgetBytes: 9 }).measure(
      WORKLOAD,
    );
    expect(losses).toMatchObject({
      inheritsNodeOptions: 0,
      mmapThresholdBytes: 1_048_576,
      collectsGarbage: 1,
      maxSteps: 7,
      maxSeconds: 8,
      memoryBudgetBytes: 9,
    });
  });

  it('takes tighter limits than its own, and no wider ones', async () => {
    const service = serviceWith('environment', { maxSteps: 70, maxSeconds: 8 });
    const measure = async (maxSteps: number, maxSeconds: number) =>
      service.measure(WORKLOAD, { limits: { maxSteps, maxSeconds } });
    const tighter = await measure(20, 3.5);
    expect(tighter.losses).toMatchObject({ maxSteps: 20, maxSeconds: 3.5 });
    expect(tighter.protocol).toMatchObject({ maxSteps: 20, maxSeconds: 3.5 });
    const wider = await measure(71, 9);
    expect(wider.losses).toMatchObject({ maxSteps: 70, maxSeconds: 8 });
    expect(wider.protocol).toMatchObject({ maxSteps: 70, maxSeconds: 8 });
  });

  it('leaves nothing to be refused to the child where the workload fits by prediction', async () => {
    const service = serviceWith('environment', { memoryBudgetBytes: 1000 });
    const { losses } = await service.measure(WORKLOAD, { neededBytes: { low: 1, central: 2, high: 1000 } });
    expect(losses?.memoryBudgetBytes).toBe(Number.MAX_SAFE_INTEGER);
  });

  it('starts nothing for a workload that does not fit by prediction', async () => {
    const service = serviceWith('ok', { memoryBudgetBytes: 999 });
    const measured = service.measure(WORKLOAD, { neededBytes: { low: 1, central: 2e8, high: 3e8 + 0.4 } });
    await expect(measured).rejects.toMatchObject({
      code: 'does-not-fit',
      plannedPeakBytes: 300_000_001,
      memoryBudgetBytes: 999,
      message: expect.stringMatching(/about 191 MiB.*up to 286 MiB.*estimate-fit/) as unknown,
    });
  });

  it('grants the memory that is available when no budget is set', async () => {
    jest.spyOn(hardware, 'availableMemoryBytes').mockReturnValue(4321);
    const { losses } = await serviceWith('environment').measure(WORKLOAD);
    expect(losses?.memoryBudgetBytes).toBe(4321);
  });

  it('uses a fresh process for each measurement', async () => {
    const service = serviceWith('environment');
    const [first, second] = await Promise.all([service.measure(WORKLOAD), service.measure(WORKLOAD)]);
    expect(first.losses?.pid).not.toBe(second.losses?.pid);
  });

  it('shows what its process does with the GPUs, as long as there is one', async () => {
    const hide = jest.fn();
    const show = jest.spyOn(hardware, 'showMeasuring').mockReturnValue(hide);
    const { losses } = await serviceWith('environment').measure(WORKLOAD);
    expect(show.mock.calls).toEqual([[losses?.pid]]);
    expect(hide).toHaveBeenCalledTimes(1);
    await expect(serviceWith('exit').measure(WORKLOAD)).rejects.toBeInstanceOf(ChildDiedError);
    expect(hide).toHaveBeenCalledTimes(2);
  });

  it('tells how far it has come', async () => {
    const phases: string[] = [];
    await serviceWith('ok').measure(WORKLOAD, { onProgress: ({ phase }) => phases.push(phase) });
    expect(phases).toEqual(['building', 'timing', 'tracing']);
  });

  it('tells nothing of the windows of an earlier measurement', async () => {
    const service = serviceWith('windows');
    const windows: (readonly number[])[] = [];
    for (const batchSize of [5, 2]) {
      await service.measure(
        { ...WORKLOAD, batchSize },
        { onProgress: ({ windowsSeconds }) => windows.push(windowsSeconds) },
      );
    }
    expect(windows).toEqual([[5], [5, 5], [5, 5], [2], [2, 2], [2, 2]]);
  });

  describe('when the child fails', () => {
    it.each([
      ['does-not-fit', DoesNotFitError],
      ['untrainable', UntrainableWorkloadError],
      ['counts-out-of-range', CountsOutOfRangeError],
      ['non-finite-loss', NonFiniteLossError],
      ['out-of-memory', OutOfMemoryError],
      ['measuring-failed', MeasuringFailedError],
    ])('tells that the reason was %s', async (code, type) => {
      const failing = serviceWith('reject').measure({ ...WORKLOAD, architecture: code });
      await expect(failing).rejects.toBeInstanceOf(type);
      await expect(failing).rejects.toMatchObject({ code });
    });

    it('hands on the figures of a workload that does not fit', async () => {
      const failing = serviceWith('reject').measure({ ...WORKLOAD, architecture: 'does-not-fit' });
      await expect(failing).rejects.toMatchObject({ plannedPeakBytes: 200, memoryBudgetBytes: 100 });
    });

    it('tells of an error that the child did not catch', async () => {
      const failing = serviceWith('crash').measure(WORKLOAD);
      await expect(failing).rejects.toBeInstanceOf(MeasuringFailedError);
      await expect(failing).rejects.toThrow('the log of the service says how');
    });

    it('tells how a child ended that said nothing', async () => {
      const failing = serviceWith('exit').measure(WORKLOAD);
      await expect(failing).rejects.toBeInstanceOf(ChildDiedError);
      await expect(failing).rejects.toMatchObject({ exitCode: 3, signal: null, stderrTail: 'the last words\n' });
    });

    it('tells of a child that ended before it was ready', async () => {
      await expect(serviceWith('exit-at-start').measure(WORKLOAD)).rejects.toThrow('before it began');
    });

    it('tells of a child that cannot be started', async () => {
      await expect(serviceWith('no-such-child').measure(WORKLOAD)).rejects.toBeInstanceOf(ChildDiedError);
    });

    it('tells of a child that was killed', async () => {
      jest.spyOn(hardware, 'outOfMemoryKills').mockReturnValue(5);
      const failing = serviceWith('killed').measure(WORKLOAD);
      await expect(failing).rejects.toBeInstanceOf(ChildDiedError);
      await expect(failing).rejects.toMatchObject({ signal: 'SIGKILL', exitCode: null });
    });

    it('tells of a child that was killed for lack of memory', async () => {
      jest.spyOn(hardware, 'outOfMemoryKills').mockReturnValueOnce(5).mockReturnValue(6);
      await expect(serviceWith('killed').measure(WORKLOAD)).rejects.toBeInstanceOf(OutOfMemoryError);
    });

    it('does not believe a result with a wrong figure', async () => {
      const failing = serviceWith('garbage').measure(WORKLOAD);
      await expect(failing).rejects.toBeInstanceOf(MeasuringFailedError);
      await expect(failing).rejects.toThrow("result.times.forwardSeconds is not as declared: 'fast'");
    });

    it('does not believe a result of steps that were never timed', async () => {
      await expect(serviceWith('untimed').measure(WORKLOAD)).rejects.toThrow("without a phase 'timing'");
    });

    it('measures the next workload as if nothing had been', async () => {
      const service = serviceWith('reject');
      await expect(service.measure({ ...WORKLOAD, architecture: 'does-not-fit' })).rejects.toBeInstanceOf(
        DoesNotFitError,
      );
      await expect(service.measure({ ...WORKLOAD, architecture: 'untrainable' })).rejects.toBeInstanceOf(
        UntrainableWorkloadError,
      );
    });
  });

  describe('when it takes too long', () => {
    it('gives up a child that is never ready', async () => {
      const failing = serviceWith('never-ready', { program: { startSeconds: 0.3 } }).measure(WORKLOAD);
      await expect(failing).rejects.toBeInstanceOf(MeasuringTimeoutError);
      await expect(failing).rejects.toThrow('was not ready within 0.3 s');
    });

    it('gives up a child that hangs, and says where it had come to', async () => {
      const failing = serviceWith('hang', { timeoutSeconds: 0.8 }).measure(WORKLOAD);
      await expect(failing).rejects.toBeInstanceOf(MeasuringTimeoutError);
      await expect(failing).rejects.toThrow("it had come to phase 'loading'");
    });

    it('gives up a child that reports and never ends', async () => {
      const failing = serviceWith('slow', { timeoutSeconds: 1 }).measure(WORKLOAD);
      await expect(failing).rejects.toBeInstanceOf(MeasuringTimeoutError);
      await expect(failing).rejects.toMatchObject({ limitSeconds: 1 });
    });
  });

  describe('when nobody wants the result', () => {
    it('ends a measurement that runs', async () => {
      const controller = new AbortController();
      const { working, result } = begun(serviceWith('hang'), controller.signal);
      await working;
      controller.abort();
      await expect(result).rejects.toBeInstanceOf(MeasuringCancelledError);
    });

    it('does not begin one that was cancelled before', async () => {
      const onProgress = jest.fn();
      const measuring = serviceWith('ok').measure(WORKLOAD, { signal: AbortSignal.abort(), onProgress });
      await expect(measuring).rejects.toBeInstanceOf(MeasuringCancelledError);
      expect(onProgress).not.toHaveBeenCalled();
    });

    it('ends one that is cancelled just as it begins', async () => {
      const controller = new AbortController();
      const measuring = serviceWith('ok').measure(WORKLOAD, { signal: controller.signal });
      controller.abort();
      await expect(measuring).rejects.toBeInstanceOf(MeasuringCancelledError);
    });

    it('reports no more progress, although the child goes on for a while', async () => {
      const controller = new AbortController();
      const service = serviceWith('stubborn');
      const onProgress = jest.fn(() => controller.abort());
      const measuring = service.measure(WORKLOAD, { signal: controller.signal, onProgress });
      await expect(measuring).rejects.toBeInstanceOf(MeasuringCancelledError);
      await service.onModuleDestroy();
      expect(onProgress).toHaveBeenCalledTimes(1);
    });

    it('ends everything when the service closes, also a child that does not heed SIGTERM', async () => {
      const service = serviceWith('stubborn');
      const { working, result } = begun(service);
      const over = jest.fn();
      void result.catch(over);
      await working;
      await service.onModuleDestroy();
      // It is over when its process is gone.
      expect(over).toHaveBeenCalledWith(expect.any(MeasuringCancelledError));
    });
  });
});
