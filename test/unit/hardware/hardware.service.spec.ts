import { availableParallelism, cpus, totalmem } from 'node:os';
import { HardwareService } from '../../../src/hardware/hardware.service.js';

describe('HardwareService', () => {
  const hardware = new HardwareService();

  it('describes the machine that it runs on', async () => {
    const machine = await hardware.machine();
    expect(machine).toMatchObject({
      logicalCores: cpus().length,
      memoryBytes: totalmem(),
      instructionSet: process.arch,
      nodeVersion: process.versions.node,
      gpus: [],
    });
    expect(machine.id).toMatch(/^[0-9a-f]{12}$/);
    expect(machine.cpuModel).not.toBe('');
    expect(machine.onnxruntimeVersion).toMatch(/^\d+\.\d+\.\d+/);
  });

  it('takes the inventory once', async () => {
    expect(await hardware.machine()).toBe(await hardware.machine());
  });

  it('finds the same identity when it is started again', async () => {
    expect((await new HardwareService().machine()).id).toBe((await hardware.machine()).id);
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
      gpus: [],
    });
    expect(shown).toHaveProperty('available_memory_bytes', expect.any(Number));
  });
});
