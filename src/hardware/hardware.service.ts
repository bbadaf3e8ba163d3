import { availableMemoryCodec, gpuReadingsCodec, machineCodec } from './machine.codec.js';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { availableParallelism, cpus, freemem, release, totalmem } from 'node:os';
import { Injectable, Logger, type OnModuleDestroy, type OnModuleInit, Optional } from '@nestjs/common';
import { cpu, osInfo, uuid } from 'systeminformation';
import { Settings } from '../config/settings.js';
import { ControlGroup, type QuotaPeriods } from './control-group.js';
import { takeGpuInventory } from './gpu-inventory.js';
import { GpuMonitor } from './gpu-monitor.js';
import { GpuProcessMonitor, hasPidsOfHost } from './gpu-process-monitor.js';
import { GpuWatch } from './gpu-watch.js';
import { hostHash } from './host-identity.js';
import { formerMachineId, type Gpu, type Machine, machineId, type Undescribed } from './machine.js';
import { runtimeStatesCodec, type RuntimeState } from '../runtimes/runtime-state.js';
import { RuntimesService } from '../runtimes/runtimes.service.js';
import { NvidiaSmi } from './nvidia-smi.js';

interface Inventory {
  readonly machine: Machine;
  readonly undescribed: Undescribed;
}

/** What the machine is, and what of it this process may use. */
@Injectable()
export class HardwareService implements OnModuleInit, OnModuleDestroy {
  private readonly logger = new Logger(HardwareService.name);
  private readonly nvidiaSmi = new NvidiaSmi();
  private readonly gpuMonitor = new GpuMonitor(this.nvidiaSmi, (problem) =>
    this.logger.warn(`what the GPUs are doing is not known; of nvidia-smi: ${problem}`),
  );
  private readonly gpuProcesses: GpuProcessMonitor;
  /** Those that measure now. */
  private readonly measuring = new Set<number>();
  private readonly controlGroup = new ControlGroup();
  private readonly cores = allowedCores(this.controlGroup.cpuQuotaCores());
  private inventory: Promise<Inventory> | null = null;

  constructor(
    private readonly runtimes: RuntimesService,
    @Optional() settings?: Settings,
  ) {
    this.gpuProcesses = new GpuProcessMonitor(
      this.nvidiaSmi,
      (problem) => this.logger.warn(`what processes do with the GPUs is not known; of nvidia-smi: ${problem}`),
      settings?.hasOwnGpuProcessIds === true || hasPidsOfHost(),
    );
  }

  /** At start, because taking the inventory starts processes; it is never taken again. */
  async onModuleInit(): Promise<void> {
    await this.machine();
  }

  onModuleDestroy(): void {
    this.gpuMonitor.close();
    this.gpuProcesses.close();
  }

  async machine(): Promise<Machine> {
    return (await this.takenInventory()).machine;
  }

  /**
   * Whether a machine that a profile of version 0.3 or earlier describes is this one. Its id proves it: it is the hash
   * of what the profile tells together with what only this machine knows of itself.
   */
  async wasThisMachine(machine: Machine): Promise<boolean> {
    const { undescribed } = await this.takenInventory();
    return formerMachineId(machine, undescribed) === machine.id;
  }

  /** Whole cores that affinity and cgroup quota allow, at least 1; a quota of one and a half counts as 2. */
  allowedCores(): number {
    return this.cores;
  }

  /** Memory that can be taken now without swapping or reaching the cgroup's limit. */
  availableMemoryBytes(): number {
    return Math.min(freemem(), this.controlGroup.memoryAvailableBytes() ?? Infinity);
  }

  /** The machine with its memory available now and what its GPUs are doing, as it is shown outside. */
  async describe(): Promise<unknown> {
    const machine = await this.machine();
    // All that are here have one: it is unknown only in profiles of earlier versions.
    const [readings, pytorch, onnxruntime] = await Promise.all([
      this.gpuMonitor.read(machine.gpus.flatMap(({ uuid }) => uuid ?? [])),
      this.runtimes.pytorch(),
      this.runtimes.onnxruntimeDevices(),
    ]);
    const indices = readings.map(({ index }) => index);
    const processes = await this.gpuProcesses.read(indices, [...this.measuring]);
    const gpuReadings = readings.map((reading, gpu) => ({ ...reading, measuringProcesses: processes[gpu] ?? [] }));
    return {
      ...machineCodec.encode(machine),
      available_memory_bytes: availableMemoryCodec.encode(this.availableMemoryBytes()),
      gpu_readings: gpuReadingsCodec.encode(gpuReadings),
      runtimes: runtimeStatesCodec.encode([{ ...builtIn(machine), ...onnxruntime }, pytorch]),
    };
  }

  /**
   * Shows what a process does with the GPUs from now on. Nothing is asked of the driver until somebody looks.
   *
   * @returns to be called when it has ended, since its number may then become another's
   */
  showMeasuring(pid: number): () => void {
    this.measuring.add(pid);
    return () => this.measuring.delete(pid);
  }

  /**
   * Follows what a process does with a GPU of CUDA, if the driver tells of that one; to be called before the process uses
   * it, and to be closed.
   */
  async watchGpu(cudaIndex: number): Promise<GpuWatch | null> {
    const gpu = (await this.machine()).gpus.find((one) => one.cudaIndex === cudaIndex);
    return gpu?.uuid ? GpuWatch.start(gpu.uuid, this.gpuMonitor, this.gpuProcesses) : null;
  }

  /** How often the cgroup's CPU quota was looked at and had been used up so far; null without a quota. */
  quotaPeriods(): QuotaPeriods | null {
    return this.controlGroup.quotaPeriods();
  }

  /** Processes ended so far by the kernel's out-of-memory killer; null where nobody counts. */
  outOfMemoryKills(): number | null {
    return this.controlGroup.outOfMemoryKills();
  }

  private takenInventory(): Promise<Inventory> {
    this.inventory ??= this.takeInventory();
    return this.inventory;
  }

  private async takeInventory(): Promise<Inventory> {
    const [processor, system, identity, gpus, pytorch] = await Promise.all([
      cpu(),
      osInfo(),
      uuid(),
      this.gpus(),
      this.runtimes.pytorchVersions(),
    ]);
    const described = {
      cpuModel: `${processor.manufacturer} ${processor.brand}`.trim(),
      physicalCores: processor.physicalCores,
      logicalCores: cpus().length,
      allowedCores: this.cores,
      memoryBytes: totalmem(),
      kernel: release(),
      instructionSet: process.arch,
      nodeVersion: process.versions.node,
      onnxruntimeVersion: versionIn(require.resolve('onnxruntime-node/package.json')),
      engineVersion: versionIn(join(__dirname, '../../package.json')),
      pytorch,
      gpus,
    };
    const undescribed = {
      hostHash: hostHash(process.platform === 'linux' ? null : identity.os),
      cpuGeneration: [processor.family, processor.model, processor.stepping].join('/'),
      platform: process.platform,
    };
    const id = machineId({ ...described, ...undescribed });
    const memoryLimitBytes = this.controlGroup.memoryLimitBytes();
    const machine = { id, ...described, memoryLimitBytes, os: `${system.distro} ${system.release}`.trim() };
    return { machine, undescribed };
  }

  private async gpus(): Promise<readonly Gpu[]> {
    const { gpus, problem } = await takeGpuInventory(this.nvidiaSmi);
    if (problem !== null) this.logger.warn(`there may be GPUs that are not listed; of nvidia-smi: ${problem}`);
    return gpus;
  }
}

/** Comes with this project, and was tried with it. */
function builtIn({ onnxruntimeVersion }: Machine): Omit<RuntimeState, 'devices' | 'unavailableDevices'> {
  return {
    runtime: 'onnxruntime',
    available: true,
    reason: null,
    versions: { onnxruntime: onnxruntimeVersion },
  };
}

function allowedCores(quota: number | null): number {
  // Rounded up: with 1.5 cores allowed, two threads get more done than one.
  return Math.max(1, Math.min(availableParallelism(), Math.ceil(quota ?? Infinity)));
}

/** Read from a package's description: loading onnxruntime itself would cost memory that a service never uses. */
function versionIn(description: string): string {
  return (JSON.parse(readFileSync(description, 'utf8')) as { readonly version: string }).version;
}
