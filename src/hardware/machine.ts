import { createHash } from 'node:crypto';
import type { PyTorchVersions } from '../runtimes/pytorch-versions.js';
import { versionParts } from './version-parts.js';

/** A GPU that NVIDIA's driver knows; null where the driver does not tell. */
export interface Gpu {
  /** Of the device itself, wherever it is plugged in; null in profiles of version 0.3 and earlier. */
  readonly uuid: string | null;
  readonly name: string | null;
  /** All of it, also what the driver keeps for itself; null where it shares the machine's. */
  readonly memoryBytes: number | null;
  readonly driverVersion: string | null;
  /** NVIDIA's number of what the device can do, such as `9.0`. */
  readonly computeCapability: string | null;
  /** N of `cuda:N` in requests; null where CUDA does not see it, and in profiles of version 0.6 and earlier. */
  readonly cudaIndex: number | null;
}

/** The hardware and software that measurements are made on. */
export interface Machine {
  /** Short hash of host and hardware; see `machineId` for what changes it. */
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
  /** What PYTHON has; null where it has no torch or torchvision. */
  readonly pytorch: PyTorchVersions | null;
}

/** What tells one machine from another: the host and its hardware, not what runs on it. */
export interface Fingerprint extends Pick<
  Machine,
  'cpuModel' | 'physicalCores' | 'logicalCores' | 'memoryBytes' | 'instructionSet'
> {
  /** Identity of the host, hashed; null where none is known. */
  readonly hostHash: string | null;
  /** Generation of the processor (family, model, stepping): hypervisors often give only a bare `cpuModel`. */
  readonly cpuGeneration: string;
  readonly platform: string;
}

const GIBIBYTE = 1024 ** 3;

/**
 * Identity of a machine, 12 hexadecimal digits: another host, processor, number of cores, size of memory, platform or
 * instruction set makes it another machine.
 *
 * It stays the same with everything that is installed, updated or configured on it: that can make a measurement stale
 * (`conditions.ts`), but does not make it another machine's. GPUs have no part in it either: one that a driver has lost
 * for a day, or that a container does not see, changes nothing for what the processor was measured to do. Memory is
 * rounded to GiB, for the few megabytes by which kernels differ in what they keep. See docs/decisions/0005.
 */
export function machineId(fingerprint: Fingerprint): string {
  return shortHash([
    'machine',
    fingerprint.hostHash,
    fingerprint.cpuModel,
    fingerprint.cpuGeneration,
    fingerprint.physicalCores,
    fingerprint.logicalCores,
    gibibytes(fingerprint.memoryBytes),
    fingerprint.platform,
    fingerprint.instructionSet,
  ]);
}

/** What is not told of a machine in its description, so that it cannot be told from a profile that is passed on. */
export type Undescribed = Pick<Fingerprint, 'hostHash' | 'cpuGeneration' | 'platform'>;

/**
 * The identity that versions up to 0.3 gave a machine. Software was part of it, so each update made another one; the
 * members that are in no profile are those of the machine that asks whether it was itself.
 */
export function formerMachineId(machine: Omit<Machine, 'id'>, undescribed: Undescribed): string {
  return shortHash([
    undescribed.hostHash,
    machine.cpuModel,
    undescribed.cpuGeneration,
    machine.physicalCores,
    machine.logicalCores,
    machine.allowedCores,
    gibibytes(machine.memoryBytes),
    machine.gpus.map((gpu) => [gpu.name, gpu.memoryBytes === null ? null : gibibytes(gpu.memoryBytes)]),
    undescribed.platform,
    machine.instructionSet,
    versionParts(machine.kernel, 2),
    versionParts(machine.nodeVersion, 1),
    machine.onnxruntimeVersion,
    machine.engineVersion,
  ]);
}

function gibibytes(bytes: number): number {
  return Math.round(bytes / GIBIBYTE);
}

function shortHash(parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 12);
}
