import { ApiProperty } from '@nestjs/swagger';
import type { Gpu, Machine } from './machine.js';

const BYTES = { type: 'integer', minimum: 0 } as const;
const CORES = { type: 'integer', minimum: 1 } as const;

export class GpuDto {
  @ApiProperty()
  readonly name: string;

  @ApiProperty({ ...BYTES, description: 'Memory in bytes.' })
  readonly memory_bytes: number;

  constructor(gpu: Gpu) {
    this.name = gpu.name;
    this.memory_bytes = gpu.memoryBytes;
  }
}

/** The machine that measurements are made on. */
export class MachineDto {
  @ApiProperty({
    description:
      'Short hash of hardware, software and the hashed identity of the host; profiles belong to a machine. ' +
      'It does not change with available memory, memory limits, or patches of the kernel and of Node.',
    example: '3f9a1c0b7e52',
  })
  readonly id: string;

  @ApiProperty({ example: 'AMD EPYC' })
  readonly cpu_model: string;

  @ApiProperty({ ...CORES, description: 'Physical cores of the machine.' })
  readonly physical_cores: number;

  @ApiProperty({ ...CORES, description: 'Hardware threads of the machine.' })
  readonly logical_cores: number;

  @ApiProperty({ ...CORES, description: 'Cores that affinity and cgroup quota allow; the default number of threads.' })
  readonly allowed_cores: number;

  @ApiProperty({ ...BYTES, description: 'Memory of the machine in bytes.' })
  readonly memory_bytes: number;

  @ApiProperty({
    ...BYTES,
    nullable: true,
    description: 'Largest memory in bytes that the cgroup allows; null when there is no such limit.',
  })
  readonly memory_limit_bytes: number | null;

  @ApiProperty({ ...BYTES, description: 'Memory in bytes that a measurement could take now.' })
  readonly available_memory_bytes: number;

  @ApiProperty({ example: 'Debian GNU/Linux 12' })
  readonly os: string;

  @ApiProperty({ example: '6.18.44' })
  readonly kernel: string;

  @ApiProperty({ example: 'x64' })
  readonly instruction_set: string;

  @ApiProperty({ example: '20.20.2' })
  readonly node_version: string;

  @ApiProperty({ example: '1.30.0' })
  readonly onnxruntime_version: string;

  @ApiProperty({ type: [GpuDto] })
  readonly gpus: GpuDto[];

  constructor(machine: Machine, availableMemoryBytes: number) {
    this.id = machine.id;
    this.cpu_model = machine.cpuModel;
    this.physical_cores = machine.physicalCores;
    this.logical_cores = machine.logicalCores;
    this.allowed_cores = machine.allowedCores;
    this.memory_bytes = machine.memoryBytes;
    this.memory_limit_bytes = machine.memoryLimitBytes;
    this.available_memory_bytes = availableMemoryBytes;
    this.os = machine.os;
    this.kernel = machine.kernel;
    this.instruction_set = machine.instructionSet;
    this.node_version = machine.nodeVersion;
    this.onnxruntime_version = machine.onnxruntimeVersion;
    this.gpus = machine.gpus.map((gpu) => new GpuDto(gpu));
  }
}
