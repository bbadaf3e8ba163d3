import { type CheckedCase, faultsOf, gpuCases } from '../../../bench/gpu/checked-case.js';
import { gpuPage } from '../../../bench/gpu/gpu-page.js';

const MEBIBYTE = 2 ** 20;
const CHECKED: CheckedCase = {
  wanted: {
    architecture: 'resnet50',
    applicationType: 'training',
    precision: 'bf16',
    batchSize: 32,
    imageSize: [224, 224],
  },
  stepSeconds: 0.05,
  split: { forward: 0.33, backward: 0.67 },
  profilerSplit: { forward: 0.35, backward: 0.65 },
  allocatedBytes: 3000 * MEBIBYTE,
  torchAllocatedBytes: 3000 * MEBIBYTE,
  reservedBytes: 3200 * MEBIBYTE,
  torchReservedBytes: 3200 * MEBIBYTE,
  processPeakBytes: null,
  deviceUsedBytes: 4000 * MEBIBYTE,
  smiUsedBytes: 4100 * MEBIBYTE,
  devicePercent: 98,
  smiPercent: 100,
};

describe('the figures of a GPU', () => {
  it.each<[Partial<CheckedCase>, string[]]>([
    [{}, []],
    [{ profilerSplit: { forward: 0.4, backward: 0.6 } }, ['forward share']],
    [{ torchAllocatedBytes: 3000 * MEBIBYTE + 512 }, ['allocated memory']],
    [{ reservedBytes: null }, ['reserved memory']],
    [{ smiUsedBytes: 5000 * MEBIBYTE }, ['memory in use']],
    [{ smiUsedBytes: null, smiPercent: null }, []],
    [{ devicePercent: 90 }, ['utilisation']],
    [{ split: null, profilerSplit: null }, []],
  ])('with %j differ in %j', (changes, faults) => {
    expect(faultsOf({ ...CHECKED, ...changes })).toEqual(faults);
  });

  it('are compared for each network, application and precision of the device', () => {
    expect(gpuCases(['fp32', 'fp16'])).toHaveLength(3 * 2 * 2);
  });

  it('stand on a page, and what the driver does not tell is called so', () => {
    const gpu = {
      uuid: 'GPU-1',
      name: 'NVIDIA X',
      memoryBytes: null,
      driverVersion: '1.2',
      computeCapability: null,
      cudaIndex: 0,
    };
    const page = gpuPage({ date: '2026-12-01', gpu, versions: { torch: '2.9.1' } }, [CHECKED]);
    expect(page).toContain('on one NVIDIA X with driver 1.2.\n- With torch 2.9.1.');
    expect(page).toMatch(/resnet50, training, bf16, 32 x 224x224 \| 50\.00 .*\| not told .*\| agrees/);
  });
});
