import { type Fingerprint, type Gpu, machineId } from '../../../src/hardware/machine.js';

const GIBIBYTE = 1024 ** 3;

const FINGERPRINT: Fingerprint = {
  hostHash: 'abc',
  cpuModel: 'AMD EPYC',
  cpuGeneration: '26/2/1',
  physicalCores: 8,
  logicalCores: 16,
  allowedCores: 16,
  memoryBytes: 64 * GIBIBYTE,
  gpus: [],
  platform: 'linux',
  instructionSet: 'x64',
  kernel: '6.18.44-cloud',
  nodeVersion: '20.20.2',
  onnxruntimeVersion: '1.30.0',
  engineVersion: '0.0.1',
};

const H200: Gpu = {
  uuid: 'GPU-1',
  name: 'NVIDIA H200',
  memoryBytes: 141 * GIBIBYTE,
  driverVersion: '570.133.20',
  computeCapability: '9.0',
};

const idOf = (changes: Partial<Fingerprint>): string => machineId({ ...FINGERPRINT, ...changes });

describe('machineId', () => {
  it('is short, and the same for the same machine', () => {
    expect(idOf({})).toMatch(/^[0-9a-f]{12}$/);
    expect(idOf({})).toBe(idOf({}));
  });

  it.each<Partial<Fingerprint>>([
    { hostHash: 'def' },
    { hostHash: null },
    { cpuModel: 'AMD Ryzen' },
    { cpuGeneration: '25/1/1' },
    { physicalCores: 16 },
    { logicalCores: 8 },
    { allowedCores: 4 },
    { memoryBytes: 32 * GIBIBYTE },
    { gpus: [H200] },
    { platform: 'darwin' },
    { instructionSet: 'arm64' },
    { kernel: '6.19.1-cloud' },
    { nodeVersion: '24.1.0' },
    { onnxruntimeVersion: '1.30.1' },
    { engineVersion: '0.0.2' },
  ])('changes with %j', (change) => {
    expect(idOf(change)).not.toBe(idOf({}));
  });

  it.each<Partial<Gpu>>([
    { uuid: 'GPU-2' },
    { name: 'NVIDIA H100' },
    { memoryBytes: 80 * GIBIBYTE },
    { memoryBytes: null },
    { driverVersion: '575.57.08' },
    { computeCapability: null },
  ])('changes with a GPU of %j', (change) => {
    expect(idOf({ gpus: [{ ...H200, ...change }] })).not.toBe(idOf({ gpus: [H200] }));
  });

  it.each<Partial<Fingerprint>>([
    { kernel: '6.18.45-cloud' },
    { nodeVersion: '20.20.3' },
    { memoryBytes: 64 * GIBIBYTE - 20_000_000 },
  ])('does not change with %j', (change) => {
    expect(idOf(change)).toBe(idOf({}));
  });
});
