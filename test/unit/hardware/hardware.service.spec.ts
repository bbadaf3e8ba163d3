import { availableParallelism, cpus, totalmem } from 'node:os';
import { setTimeout as after } from 'node:timers/promises';
import { thisHardware } from '../../fixtures/hardware.js';
import {
  A_DIVIDED_A100,
  AN_H200,
  isAlive,
  recording,
  type Stub,
  stubNvidiaSmi,
} from '../../fixtures/nvidia-smi/stub.js';

const onPosix = process.platform === 'win32' ? describe.skip : describe;

describe('HardwareService', () => {
  const hardware = thisHardware();

  afterAll(() => hardware.onModuleDestroy());

  it('describes the machine that it runs on', async () => {
    const machine = await hardware.machine();
    expect(machine).toMatchObject({
      logicalCores: cpus().length,
      memoryBytes: totalmem(),
      instructionSet: process.arch,
      nodeVersion: process.versions.node,
    });
    expect(machine.id).toMatch(/^[0-9a-f]{12}$/);
    expect(machine.cpuModel).not.toBe('');
    expect(machine.onnxruntimeVersion).toMatch(/^\d+\.\d+\.\d+/);
  });

  it('takes the inventory once', async () => {
    expect(await hardware.machine()).toBe(await hardware.machine());
  });

  it('finds the same identity when it is started again', async () => {
    expect((await thisHardware().machine()).id).toBe((await hardware.machine()).id);
  });

  it('allows at least one core, and none that affinity does not', () => {
    expect(hardware.allowedCores()).toBeGreaterThanOrEqual(1);
    expect(hardware.allowedCores()).toBeLessThanOrEqual(availableParallelism());
    expect(Number.isInteger(hardware.allowedCores())).toBe(true);
  });

  it('offers memory that the machine has', () => {
    expect(hardware.availableMemoryBytes()).toBeGreaterThan(0);
    expect(hardware.availableMemoryBytes()).toBeLessThanOrEqual(totalmem());
  });

  it('shows the machine with its memory available now', async () => {
    const machine = await hardware.machine();
    const shown = await hardware.describe();
    expect(shown).toMatchObject({
      id: machine.id,
      cpu_model: machine.cpuModel,
      allowed_cores: machine.allowedCores,
      memory_limit_bytes: machine.memoryLimitBytes,
    });
    expect(shown).toHaveProperty('available_memory_bytes', expect.any(Number));
    expect(shown).toHaveProperty('gpus.length', machine.gpus.length);
    expect(shown).toHaveProperty('gpu_readings.length', machine.gpus.length);
  });

  onPosix('on a machine with GPUs', () => {
    const { PATH } = process.env;
    let stub: Stub;

    beforeEach(() => {
      stub = stubNvidiaSmi({ rounds: [[AN_H200, A_DIVIDED_A100]], processes: [recording('training.txt')] });
      Object.assign(process.env, stub.environment);
    });
    afterEach(() => {
      process.env.PATH = PATH;
      delete process.env.NVIDIA_SMI_STUB;
      stub.remove();
    });

    it('shows what they are and what they are doing, and leaves no program behind', async () => {
      const withGpus = thisHardware();
      await withGpus.onModuleInit();
      const shown = await withGpus.describe();
      expect(shown).toMatchObject({
        gpus: [
          {
            uuid: AN_H200.uuid,
            name: 'NVIDIA H200',
            memory_bytes: 143_771 * 2 ** 20,
            driver_version: '570.133.20',
            compute_capability: '9.0',
          },
          { name: 'NVIDIA A100-SXM4-40GB' },
        ],
        gpu_readings: [
          { used_memory_bytes: 1017 * 2 ** 20, utilization_percent: 37 },
          { used_memory_bytes: 0, utilization_percent: null },
        ],
      });
      withGpus.onModuleDestroy();
      while (stub.starts().some(isAlive)) await after(5);
    });

    it('shows the processes that measure, and no others, until they have ended', async () => {
      const withGpus = thisHardware();
      const processes = async (): Promise<unknown[]> => {
        const { gpu_readings: readings } = (await withGpus.describe()) as {
          gpu_readings: { measuring_processes: { pid: number }[] }[];
        };
        return readings.map(({ measuring_processes: measuring }) => measuring.map(({ pid }) => pid));
      };
      expect(await processes()).toEqual([[], []]);
      const hide = withGpus.showMeasuring(4711);
      expect(await processes()).toEqual([[4711], [4711]]);
      hide();
      expect(await processes()).toEqual([[], []]);
      withGpus.onModuleDestroy();
      while (stub.starts().some(isAlive)) await after(5);
    });

    it('is the same machine as without them', async () => {
      const withGpus = await thisHardware().machine();
      expect(withGpus.id).toBe((await hardware.machine()).id);
    });
  });
});
