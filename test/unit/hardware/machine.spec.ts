import { machineCodec } from '../../../src/hardware/machine.codec.js';
import { type Fingerprint, formerMachineId, type Gpu, machineId } from '../../../src/hardware/machine.js';
import { A_MACHINE } from '../../fixtures/measurements.js';

const GIBIBYTE = 1024 ** 3;

const FINGERPRINT: Fingerprint = {
  hostHash: 'abc',
  cpuModel: 'AMD EPYC',
  cpuGeneration: '26/2/1',
  physicalCores: 8,
  logicalCores: 16,
  memoryBytes: 64 * GIBIBYTE,
  platform: 'linux',
  instructionSet: 'x64',
};

const idOf = (changes: Partial<Fingerprint>): string => machineId({ ...FINGERPRINT, ...changes });

const H200: Gpu = {
  uuid: 'GPU-1',
  name: 'NVIDIA H200',
  memoryBytes: 141 * GIBIBYTE,
  driverVersion: '570.133.20',
  computeCapability: '9.0',
  cudaIndex: 0,
};

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
    { memoryBytes: 32 * GIBIBYTE },
    { platform: 'darwin' },
    { instructionSet: 'arm64' },
  ])('changes with %j', (change) => {
    expect(idOf(change)).not.toBe(idOf({}));
  });

  it('does not change with the few megabytes that a kernel keeps', () => {
    expect(idOf({ memoryBytes: 64 * GIBIBYTE - 20_000_000 })).toBe(idOf({}));
  });

  it('does not change with what runs on the machine, nor with GPUs', () => {
    const updated = {
      ...FINGERPRINT,
      allowedCores: 4,
      kernel: '7.0.0',
      nodeVersion: '24.1.0',
      onnxruntimeVersion: '2.0.0',
      engineVersion: '9.0.0',
      gpus: [H200],
    };
    expect(machineId(updated)).toBe(idOf({}));
  });
});

describe('the identity of version 0.3 and earlier', () => {
  const undescribed = { hostHash: 'abc', cpuGeneration: '26/2/1', platform: 'linux' };

  it('is the one that they gave', () => {
    const { id, ...described } = A_MACHINE;
    expect(id).not.toBe('');
    expect(formerMachineId(described, undescribed)).toBe('1608a236b8f3');
  });

  it('has the GPUs as far as they were known then', () => {
    const gpu = { name: 'NVIDIA H200', memory_bytes: 141 * GIBIBYTE };
    const written = { ...(machineCodec.encode(A_MACHINE) as object), gpus: [gpu] };
    expect(formerMachineId(machineCodec.decode(written, 'machine'), undescribed)).toBe('f90f836b5832');
  });

  it('is another one on another host', () => {
    expect(formerMachineId(A_MACHINE, { ...undescribed, hostHash: 'def' })).not.toBe(
      formerMachineId(A_MACHINE, undescribed),
    );
  });
});
