/**
 * Measures networks on the first GPU as the service does and holds the figures against nvidia-smi, torch.cuda and
 * torch.profiler. Run it with `npm run check:gpu -- --help`.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readSettings } from '../src/config/environment.js';
import { takeGpuInventory } from '../src/hardware/gpu-inventory.js';
import type { Gpu } from '../src/hardware/machine.js';
import { NvidiaSmi } from '../src/hardware/nvidia-smi.js';
import { workloadCodec } from '../src/profiles/measurement.codec.js';
import { isPrecision } from '../src/profiles/workload.js';
import { RuntimesService } from '../src/runtimes/runtimes.service.js';
import type { ProbedDevice, RuntimeState } from '../src/runtimes/runtime-state.js';
import { type CheckedCase, faultsOf, type GpuCase, gpuCases } from './gpu/checked-case.js';
import { gpuPage, tableOf } from './gpu/gpu-page.js';
import { observing } from './gpu/gpu-observer.js';
import { checkWithTorch } from './gpu/torch-check.js';
import { runMain } from './run-main.js';
import { ServiceProcess } from './service-process.js';
import { UsageError } from './step-options.js';
import { textTable } from './text-table.js';

const ROOT = join(__dirname, '../../..');
const SERVICE = join(__dirname, '../../main.js');
const DEVICE = 'cuda:0';
/** Variables that decide which GPU, which Python and which libraries the service finds. */
const PASSED_ON = ['PYTHON', 'PYTHONPATH', 'LD_LIBRARY_PATH', 'CUDA_VISIBLE_DEVICES', 'GPU_PROCESS_IDS'];

const USAGE = `npm run check:gpu

Needs a GPU of NVIDIA's and a Python (PYTHON, default python3) with a torch that computes on it; no network. Measures into
profiles/ and writes docs/gpu.md. Exits with 1 where figures differ, and with 2, writing nothing, where there is no GPU.`;

interface Answer {
  readonly workload: unknown;
  readonly times: Readonly<Record<'forward_seconds' | 'backward_seconds' | 'optimizer_seconds', number | null>> & {
    readonly step_seconds: { readonly median: number };
  };
  readonly memory: { readonly gpu: Readonly<Record<string, number | null>> };
  readonly gpu: Readonly<Record<string, number | null>>;
}

interface Place {
  readonly gpu: Gpu & { readonly uuid: string };
  readonly device: ProbedDevice;
  readonly pytorch: RuntimeState;
}

/** Where it can be run; else why it cannot. */
async function placeOf(program: NvidiaSmi): Promise<Place | string> {
  const { gpus, problem } = await takeGpuInventory(program);
  const gpu = gpus.find(({ cudaIndex }) => cudaIndex === 0);
  if (!gpu?.uuid) return `There is no GPU here of which nvidia-smi tells${problem === null ? '' : ` (${problem})`}.`;
  const runtimes = new RuntimesService(readSettings(process.env));
  const unavailable = await runtimes.reasonAgainst({ runtime: 'pytorch', device: DEVICE, precision: 'fp32' });
  if (unavailable !== null) return `There is a GPU, but ${unavailable.field} ${unavailable.detail}`;
  const pytorch = await runtimes.pytorch();
  const device = pytorch.devices.find((one) => one.device === DEVICE);
  return device === undefined
    ? `PyTorch does not list ${DEVICE}.`
    : { gpu: { ...gpu, uuid: gpu.uuid }, device, pytorch };
}

async function measured(service: ServiceProcess, wanted: GpuCase): Promise<Answer> {
  const response = await fetch(`${service.url}/api/v1/estimate-resource`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      architecture: wanted.architecture,
      application_type: wanted.applicationType,
      batch_size: wanted.batchSize,
      image_size: wanted.imageSize,
      precision: wanted.precision,
      runtime: 'pytorch',
      device: DEVICE,
      refresh: true,
    }),
  });
  if (!response.ok) throw new Error(`the service answered ${String(response.status)}: ${await response.text()}`);
  return (await response.json()) as Answer;
}

async function checked(
  service: ServiceProcess,
  program: NvidiaSmi,
  uuid: string,
  wanted: GpuCase,
): Promise<CheckedCase> {
  const { result, observed } = await observing(program, uuid, () => measured(service, wanted));
  const { times, memory, gpu } = result;
  const step = times.step_seconds.median;
  const forward = (times.forward_seconds ?? 0) / step;
  const torch = await checkWithTorch(
    readSettings(process.env).python,
    workloadCodec.decode(result.workload, 'workload'),
  );
  return {
    wanted,
    stepSeconds: step,
    split: wanted.applicationType === 'inference' ? null : { forward, backward: 1 - forward },
    profilerSplit: torch.split,
    allocatedBytes: memory.gpu.allocated_peak_bytes ?? null,
    torchAllocatedBytes: torch.allocatedBytes,
    reservedBytes: memory.gpu.reserved_peak_bytes ?? null,
    torchReservedBytes: torch.reservedBytes,
    processPeakBytes: memory.gpu.process_peak_bytes ?? null,
    deviceUsedBytes: memory.gpu.device_used_peak_bytes ?? null,
    smiUsedBytes: observed.usedBytes,
    devicePercent: gpu.device_peak_percent ?? null,
    smiPercent: observed.percent,
  };
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { help: { type: 'boolean' } } });
  if (values.help === true) throw new UsageError('');
  const program = new NvidiaSmi();
  const place = await placeOf(program);
  if (typeof place === 'string') {
    console.error(`${place} Nothing was run, and nothing was written.`);
    return 2;
  }
  const { gpu, device, pytorch } = place;
  const service = await ServiceProcess.start(SERVICE, {
    PROFILES_DIR: join(ROOT, 'profiles'),
    ...Object.fromEntries(
      PASSED_ON.flatMap((name) => {
        const value = process.env[name];
        return value === undefined ? [] : [[name, value] as const];
      }),
    ),
  });
  const done: CheckedCase[] = [];
  try {
    for (const wanted of gpuCases(device.precisions.filter(isPrecision))) {
      done.push(await checked(service, program, gpu.uuid, wanted));
      console.error(`${wanted.architecture}, ${wanted.applicationType}, ${wanted.precision}: done`);
    }
  } finally {
    await service.stop();
  }
  const date = new Date().toISOString().slice(0, 10);
  await writeFile(join(ROOT, 'docs/gpu.md'), gpuPage({ date, gpu, versions: pytorch.versions }, done));
  console.log(textTable(tableOf(done), false));
  return done.every((one) => faultsOf(one).length === 0) ? 0 : 1;
}

runMain(main, USAGE);
