import { count, list, nullable, nullWhereMissing, object, text } from '../common/codec.js';
import { pytorchVersionsCodec } from '../runtimes/pytorch-versions.js';
import type { Gpu, Machine } from './machine.js';
import { versionParts } from './version-parts.js';

/**
 * What a machine ran with when something was measured on it, as far as it can change what a step costs. Which machine
 * it was is told by {@link Machine.id}; this may change while it stays the same machine.
 */
export interface Conditions extends Pick<
  Machine,
  'allowedCores' | 'kernel' | 'nodeVersion' | 'onnxruntimeVersion' | 'engineVersion' | 'pytorch'
> {
  /** Those that CUDA sees; null in profiles of version 0.6 and earlier. */
  readonly gpus: readonly GpuConditions[] | null;
}

type GpuConditions = Pick<Gpu, 'cudaIndex' | 'name' | 'driverVersion'>;

const gpuConditionsCodec = object<GpuConditions>({
  cudaIndex: nullable(count('N of `cuda:N`; null where CUDA does not see it.')),
  name: nullable(text()),
  driverVersion: nullable(text()),
});

export const conditionsCodec = object<Conditions>(
  {
    allowedCores: count('Cores that affinity and cgroup quota allowed.'),
    kernel: text(),
    nodeVersion: text(),
    onnxruntimeVersion: text(),
    engineVersion: text('Of this project.'),
    pytorch: pytorchVersionsCodec,
    gpus: nullWhereMissing(nullable(list(gpuConditionsCodec, 'Null in profiles of version 0.6 and earlier.'))),
  },
  'What it was measured with. Where it is no longer so, the measurement is stale.',
);

export function conditionsOf({
  allowedCores,
  kernel,
  nodeVersion,
  onnxruntimeVersion,
  engineVersion,
  pytorch,
  gpus,
}: Conditions): Conditions {
  const seen = gpus?.map(({ cudaIndex, name, driverVersion }) => ({ cudaIndex, name, driverVersion })) ?? null;
  return { allowedCores, kernel, nodeVersion, onnxruntimeVersion, engineVersion, pytorch, gpus: seen };
}

/** A member of {@link Conditions} with how it is told and how much of it has to be equal. */
interface Compared {
  readonly name: string;
  readonly of: (conditions: Conditions) => string;
}

const OF_ALL: readonly Compared[] = [
  // How the runtime is set up and what the measuring process starts with are constants of this project: its version
  // stands for them.
  { name: "this project's version", of: ({ engineVersion }) => engineVersion },
  { name: 'the major version of Node', of: ({ nodeVersion }) => versionParts(nodeVersion, 1) },
  { name: 'the kernel', of: ({ kernel }) => versionParts(kernel, 2) },
  { name: 'the number of cores allowed', of: ({ allowedCores }) => String(allowedCores) },
];

/** What executes a network matters to what it executed. */
const OF_RUNTIMES: Readonly<Record<'onnxruntime' | 'pytorch', readonly Compared[]>> = {
  onnxruntime: [{ name: 'onnxruntime', of: ({ onnxruntimeVersion }) => onnxruntimeVersion }],
  pytorch: [
    { name: 'torch', of: ({ pytorch }) => pytorch?.torch ?? 'not installed' },
    { name: 'torchvision', of: ({ pytorch }) => pytorch?.torchvision ?? 'not installed' },
    { name: 'the version of Python', of: ({ pytorch }) => versionParts(pytorch?.python ?? 'not installed', 2) },
  ],
};

/** Of what was computed on a GPU: the GPU itself, and what stands between it and the runtime. */
function ofDevice(runtime: keyof typeof OF_RUNTIMES, device: string): readonly Compared[] {
  if (device === 'cpu') return [];
  // WebGPU says nothing of what it computes on.
  const index = device.startsWith('cuda:') ? Number(device.slice('cuda:'.length)) : null;
  const gpu = ({ gpus }: Conditions): GpuConditions | undefined => gpus?.find((one) => one.cudaIndex === index);
  const drivers = ({ gpus }: Conditions): string =>
    [...new Set(gpus?.map(({ driverVersion }) => driverVersion ?? 'unknown'))].join(', ') || 'unknown';
  return [
    ...(index === null ? [] : [{ name: device, of: (conditions: Conditions) => gpu(conditions)?.name ?? 'unknown' }]),
    { name: 'the driver of the GPU', of: drivers },
    ...(index === null || runtime === 'onnxruntime'
      ? []
      : [{ name: "torch's CUDA", of: ({ pytorch }: Conditions) => pytorch?.cuda ?? 'none' }]),
  ];
}

/** Why what was measured under `then` says nothing sure about `now`; empty where it does. */
export function staleReasons(
  then: Conditions,
  now: Conditions,
  runtime: keyof typeof OF_RUNTIMES = 'onnxruntime',
  device = 'cpu',
): string[] {
  return [...OF_ALL, ...OF_RUNTIMES[runtime], ...ofDevice(runtime, device)]
    .filter(({ of }) => of(then) !== of(now))
    .map(({ name, of }) => `${name} was ${of(then)}, and is ${of(now)} now`);
}
