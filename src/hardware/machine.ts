import { createHash } from 'node:crypto';

/** A GPU that NVIDIA's driver knows; null where the driver does not tell. */
export interface Gpu {
  /** Of the device itself, wherever it is plugged in. */
  readonly uuid: string;
  readonly name: string | null;
  /** All of it, also what the driver keeps for itself; null where it shares the machine's. */
  readonly memoryBytes: number | null;
  readonly driverVersion: string | null;
  /** NVIDIA's number of what the device can do, such as `9.0`. */
  readonly computeCapability: string | null;
}

/** The hardware and software that measurements are made on. */
export interface Machine {
  /** Short hash; see `machineId` for what changes it. */
  readonly id: string;
  readonly cpuModel: string;
  readonly physicalCores: number;
  readonly logicalCores: number;
  /** Cores that affinity and cgroup quota allow this process. */
  readonly allowedCores: number;
  readonly memoryBytes: number;
  /** Most that the cgroup lets this process use; null when only the machine's memory limits it. */
  readonly memoryLimitBytes: number | null;
  /** Name and version of the distribution or system. */
  readonly os: string;
  readonly kernel: string;
  /** Instruction set, by Node's name, such as `x64`. */
  readonly instructionSet: string;
  readonly nodeVersion: string;
  readonly onnxruntimeVersion: string;
  /** Of this project: what a step computes, and how it is measured, changes with it. */
  readonly engineVersion: string;
  readonly gpus: readonly Gpu[];
}

/** What tells one machine from another. */
export interface Fingerprint extends Omit<Machine, 'id' | 'memoryLimitBytes' | 'os'> {
  /** Identity of the host, hashed; null where none is known. */
  readonly hostHash: string | null;
  /** Generation of the processor (family, model, stepping): hypervisors often give only a bare `cpuModel`. */
  readonly cpuGeneration: string;
  readonly platform: string;
}

const GIBIBYTE = 1024 ** 3;

/**
 * Identity of a machine, 12 hexadecimal digits.
 *
 * Another host, processor, number of cores (also those allowed: a quota changes times), size of memory, GPU or version of its driver, platform,
 * kernel release (major and minor), major version of Node, version of onnxruntime or of this project makes it another machine: each can
 * change what a step costs, and a profile that is wrongly given up costs one measurement, while one that is wrongly
 * kept gives wrong answers.
 *
 * It stays the same when only the memory available or the memory limit changes (that decides whether a workload runs,
 * not what it costs, and is asked anew each time), with patches of the kernel and of Node, with the distribution's
 * version, and with the few megabytes by which kernels differ in the memory that they keep: it is rounded to GiB.
 */
export function machineId(fingerprint: Fingerprint): string {
  const stable = [
    fingerprint.hostHash,
    fingerprint.cpuModel,
    fingerprint.cpuGeneration,
    fingerprint.physicalCores,
    fingerprint.logicalCores,
    fingerprint.allowedCores,
    Math.round(fingerprint.memoryBytes / GIBIBYTE),
    fingerprint.gpus.map((gpu) => [
      gpu.uuid,
      gpu.name,
      gpu.memoryBytes === null ? null : Math.round(gpu.memoryBytes / GIBIBYTE),
      gpu.driverVersion,
      gpu.computeCapability,
    ]),
    fingerprint.platform,
    fingerprint.instructionSet,
    versionParts(fingerprint.kernel, 2),
    versionParts(fingerprint.nodeVersion, 1),
    fingerprint.onnxruntimeVersion,
    fingerprint.engineVersion,
  ];
  return createHash('sha256').update(JSON.stringify(stable)).digest('hex').slice(0, 12);
}

function versionParts(version: string, parts: number): string {
  return version.split('.').slice(0, parts).join('.');
}
