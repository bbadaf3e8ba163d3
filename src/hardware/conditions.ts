import { count, object, text } from '../common/codec.js';
import type { Machine } from './machine.js';
import { versionParts } from './version-parts.js';

/**
 * What a machine ran with when something was measured on it, as far as it can change what a step costs. Which machine
 * it was is told by {@link Machine.id}; this may change while it stays the same machine.
 */
export type Conditions = Pick<
  Machine,
  'allowedCores' | 'kernel' | 'nodeVersion' | 'onnxruntimeVersion' | 'engineVersion'
>;

export const conditionsCodec = object<Conditions>(
  {
    allowedCores: count('Cores that affinity and cgroup quota allowed.'),
    kernel: text(),
    nodeVersion: text(),
    onnxruntimeVersion: text(),
    engineVersion: text('Of this project.'),
  },
  'What it was measured with. Where it is no longer so, the measurement is stale.',
);

export function conditionsOf({
  allowedCores,
  kernel,
  nodeVersion,
  onnxruntimeVersion,
  engineVersion,
}: Conditions): Conditions {
  return { allowedCores, kernel, nodeVersion, onnxruntimeVersion, engineVersion };
}

/** Members of {@link Conditions} with how they are told and how much of each has to be equal. */
const COMPARED: readonly {
  readonly name: string;
  readonly of: (conditions: Conditions) => string;
}[] = [
  // How the runtime is set up and what the measuring process starts with are constants of this project: its version
  // stands for them.
  { name: "this project's version", of: ({ engineVersion }) => engineVersion },
  { name: 'onnxruntime', of: ({ onnxruntimeVersion }) => onnxruntimeVersion },
  { name: 'the major version of Node', of: ({ nodeVersion }) => versionParts(nodeVersion, 1) },
  { name: 'the kernel', of: ({ kernel }) => versionParts(kernel, 2) },
  { name: 'the number of cores allowed', of: ({ allowedCores }) => String(allowedCores) },
];

/** Why what was measured under `then` says nothing sure about `now`; empty where it does. */
export function staleReasons(then: Conditions, now: Conditions): string[] {
  return COMPARED.filter(({ of }) => of(then) !== of(now)).map(
    ({ name, of }) => `${name} was ${of(then)}, and is ${of(now)} now`,
  );
}
