import { setTimeout as after } from 'node:timers/promises';
import { type GpuInventory, takeGpuInventory } from '../../../src/hardware/gpu-inventory.js';
import { NvidiaSmi } from '../../../src/hardware/nvidia-smi.js';
import {
  A_DIVIDED_A100,
  A_GB10,
  AN_H200,
  isAlive,
  type Play,
  type Stub,
  stubNvidiaSmi,
  WITHOUT_NVIDIA_SMI,
} from '../../fixtures/nvidia-smi/stub.js';

const onPosix = process.platform === 'win32' ? describe.skip : describe;

const H200 = {
  uuid: AN_H200.uuid,
  name: 'NVIDIA H200',
  memoryBytes: 143_771 * 2 ** 20,
  driverVersion: '570.133.20',
  computeCapability: '9.0',
  cudaIndex: 0,
};

describe('takeGpuInventory without the program', () => {
  it('finds no GPUs, and nothing wrong with that', async () => {
    expect(await takeGpuInventory(new NvidiaSmi(WITHOUT_NVIDIA_SMI))).toEqual({ gpus: [], problem: null });
  });
});

onPosix('takeGpuInventory', () => {
  const stubs: Stub[] = [];

  afterEach(() => {
    for (const stub of stubs.splice(0)) stub.remove();
  });

  function inventoryWith(play: Play): Promise<GpuInventory> {
    const stub = stubNvidiaSmi(play);
    stubs.push(stub);
    return takeGpuInventory(new NvidiaSmi(stub.environment));
  }

  it('lists all GPUs in their order', async () => {
    const { gpus, problem } = await inventoryWith({ rounds: [[AN_H200, A_DIVIDED_A100]] });
    expect(problem).toBeNull();
    expect(gpus).toEqual([
      H200,
      {
        uuid: A_DIVIDED_A100.uuid,
        name: 'NVIDIA A100-SXM4-40GB',
        memoryBytes: 40_960 * 2 ** 20,
        driverVersion: '570.133.20',
        computeCapability: '8.0',
        cudaIndex: 1,
      },
    ]);
  });

  it('knows no memory of a GPU that has none of its own', async () => {
    const { gpus } = await inventoryWith({ rounds: [[A_GB10]] });
    expect(gpus).toMatchObject([{ name: 'NVIDIA GB10', memoryBytes: null, computeCapability: '12.1' }]);
  });

  it('asks for less where an older program does not know the compute capability', async () => {
    const { gpus, problem } = await inventoryWith({ rounds: [[AN_H200]], unknownFields: ['compute_cap'] });
    expect(gpus).toEqual([{ ...H200, computeCapability: null }]);
    expect(problem).toBeNull();
  });

  it('tells when a program does not even know the rest', async () => {
    const { gpus, problem } = await inventoryWith({ unknownFields: ['compute_cap', 'driver_version'] });
    expect(gpus).toEqual([]);
    expect(problem).toContain('"driver_version" is not a valid field');
  });

  it.each([
    { text: 'No devices were found\n', code: 6 },
    { text: 'No devices were found\n', code: 0 },
    { text: '', code: 0 },
  ])('finds nothing wrong with a driver without a device: %j', async (says) => {
    expect(await inventoryWith({ says })).toEqual({ gpus: [], problem: null });
  });

  it('tells what the program says when it fails', async () => {
    const text = "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.\n\n";
    const { gpus, problem } = await inventoryWith({ says: { text, code: 9 } });
    expect(gpus).toEqual([]);
    expect(problem).toContain('code 9');
    expect(problem).toContain("couldn't communicate with the NVIDIA driver");
  });

  it('keeps the GPUs that answer beside one that is lost', async () => {
    const lost = 'Unable to determine the device handle for GPU1: 0000:17:00.0: Unknown Error\n';
    const answer = 'GPU-1, NVIDIA H200, 143771, 570.133.20, 9.0\n';
    const { gpus, problem } = await inventoryWith({ says: { text: answer + lost, code: 0 } });
    expect(gpus).toMatchObject([{ uuid: 'GPU-1' }]);
    expect(problem).toContain('Unable to determine the device handle');
  });
});

onPosix('NvidiaSmi', () => {
  it('does not wait for a program that hangs, and ends it', async () => {
    const stub = stubNvidiaSmi({ hangs: true });
    const answer = await new NvidiaSmi(stub.environment).ask(['uuid'], 2);
    expect(answer).toEqual({ kind: 'failed', reason: 'it did not answer within 2 s' });
    while (stub.starts().some(isAlive)) await after(5);
    stub.remove();
  });
});
