import { cudaIndices } from './cuda-devices.js';
import type { Gpu } from './machine.js';
import { bytesOf, type NvidiaSmi, parseRow } from './nvidia-smi.js';

/** Without a daemon that keeps the driver loaded, each call loads it first, a second or two for each device. */
const PATIENCE_SECONDS = 15;
const FIELDS = ['uuid', 'name', 'memory.total', 'driver_version'] as const;
/** Not known to versions before about 510, which then answer nothing at all. */
const CAPABILITY = 'compute_cap';
/** What it says, with code 6, where the driver runs without a device. */
const NO_DEVICES = /no devices were found/i;

export interface GpuInventory {
  /** By their places on the bus. */
  readonly gpus: readonly Gpu[];
  /** Why there may be GPUs that are not listed; null where all is well, as it is without a driver. */
  readonly problem: string | null;
}

/** GPUs of this machine that NVIDIA's driver knows. */
export async function takeGpuInventory(program: NvidiaSmi): Promise<GpuInventory> {
  const withCapability = [...FIELDS, CAPABILITY] as const;
  const answer = await program.ask(withCapability, PATIENCE_SECONDS);
  if (answer.kind === 'failed' && answer.reason.includes(CAPABILITY)) {
    const older = await program.ask(FIELDS, PATIENCE_SECONDS);
    return inventoryOf(older, (line) => {
      const row = parseRow(line, FIELDS);
      return row && { ...row, [CAPABILITY]: null };
    });
  }
  return inventoryOf(answer, (line) => parseRow(line, withCapability));
}

type Row = NonNullable<ReturnType<typeof parseRow<(typeof FIELDS)[number] | typeof CAPABILITY>>>;

function inventoryOf(answer: Awaited<ReturnType<NvidiaSmi['ask']>>, parse: (line: string) => Row | null): GpuInventory {
  switch (answer.kind) {
    case 'missing':
      return { gpus: [], problem: null };
    case 'failed':
      return { gpus: [], problem: NO_DEVICES.test(answer.reason) ? null : answer.reason };
    case 'lines': {
      const lines = answer.lines.map((line) => line.trim()).filter((line) => line !== '');
      const rows = lines.map((line) => ({ line, row: parse(line) }));
      const notUnderstood = rows.find(({ line, row }) => row === null && !NO_DEVICES.test(line))?.line;
      return {
        gpus: numbered(rows.flatMap(({ row }) => (row === null ? [] : [gpuOf(row)]))),
        problem: notUnderstood === undefined ? null : `it said ${JSON.stringify(notUnderstood)}`,
      };
    }
  }
}

function numbered(gpus: readonly Omit<Gpu, 'cudaIndex'>[]): readonly Gpu[] {
  const indices = cudaIndices(
    gpus.map(({ uuid }) => uuid),
    process.env.CUDA_VISIBLE_DEVICES,
  );
  return gpus.map((gpu, place) => ({ ...gpu, cudaIndex: indices[place] ?? null }));
}

function gpuOf(row: Row): Omit<Gpu, 'cudaIndex'> {
  return {
    uuid: row.uuid,
    name: row.name,
    memoryBytes: bytesOf(row['memory.total']),
    driverVersion: row.driver_version,
    computeCapability: row[CAPABILITY],
  };
}
