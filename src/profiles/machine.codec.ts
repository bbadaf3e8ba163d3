import { count, list, named, nullable, object, text } from '../common/codec.js';
import type { Gpu, Machine } from '../hardware/machine.js';

const gpuCodec = object<Gpu>({ name: text(), memoryBytes: count() });

export const machineCodec = named(
  'Machine',
  object<Machine>(
    {
      id: text('Changes with whatever of the machine changes what a step costs.'),
      cpuModel: text(),
      physicalCores: count(),
      logicalCores: count(),
      allowedCores: count('Cores that affinity and cgroup quota allow.'),
      memoryBytes: count(),
      memoryLimitBytes: nullable(count("The cgroup's limit; null where only the machine's memory limits.")),
      os: text(),
      kernel: text(),
      instructionSet: text(),
      nodeVersion: text(),
      onnxruntimeVersion: text(),
      gpus: list(gpuCodec),
    },
    'The hardware and software that the measurement was made on.',
  ),
);
