import { count, list, named, nullable, nullWhereMissing, number, object, text } from '../common/codec.js';
import { pytorchVersionsCodec } from '../runtimes/pytorch-versions.js';
import type { ProcessOnGpu } from './gpu-process-monitor.js';
import type { GpuReading } from './gpu-stream.js';
import type { Gpu, Machine } from './machine.js';

const gpuCodec = object<Gpu>({
  uuid: nullWhereMissing(nullable(text('Of the device itself; null in profiles of version 0.3 and earlier.'))),
  name: nullable(text()),
  memoryBytes: nullable(count("Null where it shares the machine's.")),
  driverVersion: nullWhereMissing(nullable(text())),
  cudaIndex: nullWhereMissing(
    nullable(count('N of `cuda:N` in requests; null where CUDA does not see it, as with CUDA_VISIBLE_DEVICES.')),
  ),
  computeCapability: nullWhereMissing(nullable(text("NVIDIA's, such as 9.0; null where the driver does not tell."))),
});

export const machineCodec = named(
  'Machine',
  object<Machine>(
    {
      id: text(
        'Short hash of the hardware and of the hashed identity of the host; profiles belong to a machine. It does not ' +
          'change with what is installed, updated or configured on the machine.',
      ),
      cpuModel: text(),
      physicalCores: count(),
      logicalCores: count(),
      allowedCores: count('Cores that affinity and cgroup quota allow; the default number of threads.'),
      memoryBytes: count(),
      memoryLimitBytes: nullable(count("The cgroup's limit; null where only the machine's memory limits.")),
      os: text(),
      kernel: text(),
      instructionSet: text(),
      nodeVersion: text(),
      onnxruntimeVersion: text(),
      engineVersion: text('Of this project.'),
      gpus: list(gpuCodec, "Those that NVIDIA's driver knows; empty without one."),
      pytorch: pytorchVersionsCodec,
    },
    'The hardware and software that measurements are made on.',
  ),
);

export const availableMemoryCodec = count('Memory in bytes that a measurement could take now.');

interface ShownReading extends GpuReading {
  readonly measuringProcesses: readonly ProcessOnGpu[];
}

const processCodec = object<ProcessOnGpu>({
  pid: count(),
  usedMemoryBytes: nullable(count('What this process holds of the memory of the GPU.')),
  utilizationPercent: nullable(number('Share of the last second in which this process worked on the GPU.')),
});

export const gpuReadingsCodec = list(
  object<ShownReading>({
    index: nullable(count('By which `nvidia-smi` numbers it.')),
    usedMemoryBytes: nullable(count('Of all processes together, and of the driver.')),
    utilizationPercent: nullable(number('Share of the last moments, up to a second, in which the GPU worked.')),
    measuringProcesses: list(
      processCodec,
      'The processes that measure now; null where the driver tells nothing of them, because they have nothing on this GPU or it hides them, as in a container.',
    ),
  }),
  'What the GPUs are doing now, in the order of `gpus`; null where that is not known.',
);
