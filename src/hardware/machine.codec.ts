import { count, list, named, nullable, object, text } from '../common/codec.js';
import type { Gpu, Machine } from './machine.js';

const gpuCodec = object<Gpu>({ name: text(), memoryBytes: count() });

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
      gpus: list(gpuCodec),
    },
    'The hardware and software that measurements are made on.',
  ),
);

export const availableMemoryCodec = count('Memory in bytes that a measurement could take now.');
