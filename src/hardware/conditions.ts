import { count, object, text } from '../common/codec.js';
import { pytorchVersionsCodec } from '../runtimes/pytorch-versions.js';
import type { Machine } from './machine.js';
import { versionParts } from './version-parts.js';

/**
 * What a machine ran with when something was measured on it, as far as it can change what a step costs. Which machine
 * it was is told by {@link Machine.id}; this may change while it stays the same machine.
 */
export type Conditions = Pick<
  Machine,
  'allowedCores' | 'kernel' | 'nodeVersion' | 'onnxruntimeVersion' | 'engineVersion' | 'pytorch'
>;

export const conditionsCodec = object<Conditions>(
  {
    allowedCores: count('Cores that affinity and cgroup quota allowed.'),
    kernel: text(),
    nodeVersion: text(),
    onnxruntimeVersion: text(),
    engineVersion: text('Of this project.'),
    pytorch: pytorchVersionsCodec,
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
}: Conditions): Conditions {
  return { allowedCores, kernel, nodeVersion, onnxruntimeVersion, engineVersion, pytorch };
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

/** Why what was measured under `then` says nothing sure about `now`; empty where it does. */
export function staleReasons(
  then: Conditions,
  now: Conditions,
  runtime: keyof typeof OF_RUNTIMES = 'onnxruntime',
): string[] {
  return [...OF_ALL, ...OF_RUNTIMES[runtime]]
    .filter(({ of }) => of(then) !== of(now))
    .map(({ name, of }) => `${name} was ${of(then)}, and is ${of(now)} now`);
}
