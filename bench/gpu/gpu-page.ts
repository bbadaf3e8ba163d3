import type { Gpu } from '../../src/hardware/machine.js';
import { textTable } from '../text-table.js';
import { type CheckedCase, faultsOf, type Split } from './checked-case.js';

const INTRODUCTION = `# Measuring on a GPU

\`npm run check:gpu\` measures networks on \`cuda:0\` as the service does, compares the figures with others, and writes this page and the profiles:

- memory of the allocator with \`torch.cuda.memory_stats\` of a process of its own, which has to be equal;
- memory in use and utilisation of the GPU with \`nvidia-smi\`, asked from outside, within 5 % and 5 points;
- the share of the forward pass with that of the kernels by \`torch.profiler\`, within 5 points of the step.`;

const mebibytes = (bytes: number | null): string => (bytes === null ? 'not told' : (bytes / 2 ** 20).toFixed(0));
const percent = (value: number | null): string => (value === null ? 'not told' : value.toFixed(0));
const share = (split: Split | null): string => (split === null ? '' : `${(100 * split.forward).toFixed(1)} %`);

export interface CheckedOn {
  readonly date: string;
  readonly gpu: Gpu;
  readonly versions: Readonly<Record<string, string>>;
}

/** Markdown, as Prettier formats it. */
export function gpuPage({ date, gpu, versions }: CheckedOn, cases: readonly CheckedCase[]): string {
  const installed = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const run = `- Measured on ${date}, on one ${gpu.name ?? 'GPU'} with driver ${gpu.driverVersion ?? 'unknown'}.\n- With ${installed.join(', ')}.`;
  return `${[INTRODUCTION, '## This run', run, textTable(tableOf(cases), true)].join('\n\n')}\n`;
}

export function tableOf(cases: readonly CheckedCase[]): readonly (readonly string[])[] {
  const headings = [
    'Workload',
    'Step, ms',
    'Forward',
    'By the profiler',
    'Allocated, MiB',
    'By torch',
    'Reserved, MiB',
    'By torch',
    'Process, MiB',
    'In use, MiB',
    'By nvidia-smi',
    'Busy, %',
    'By nvidia-smi',
    'Verdict',
  ];
  const rows = cases.map((checked) => {
    const { architecture, applicationType, precision, batchSize, imageSize } = checked.wanted;
    const faults = faultsOf(checked);
    return [
      `${architecture}, ${applicationType}, ${precision}, ${String(batchSize)} x ${imageSize.join('x')}`,
      (1000 * checked.stepSeconds).toFixed(2),
      share(checked.split),
      share(checked.profilerSplit),
      mebibytes(checked.allocatedBytes),
      mebibytes(checked.torchAllocatedBytes),
      mebibytes(checked.reservedBytes),
      mebibytes(checked.torchReservedBytes),
      mebibytes(checked.processPeakBytes),
      mebibytes(checked.deviceUsedBytes),
      mebibytes(checked.smiUsedBytes),
      percent(checked.devicePercent),
      percent(checked.smiPercent),
      faults.length === 0 ? 'agrees' : `differs: ${faults.join(', ')}`,
    ];
  });
  return [headings, ...rows];
}
