import { choice, nullable, object, text } from '../common/codec.js';
import type { Machine } from '../hardware/machine.js';
import type { WorkloadDto } from './dto/workload.dto.js';
import { RUNTIMES, type Workload } from '../profiles/workload.js';

/** For what runtime, and on which device, an answer holds. */
export interface ExecutedBy {
  readonly name: Workload['runtime'];
  /** Null where it is not installed here. */
  readonly version: string | null;
  readonly device: string;
}

export const executedByCodec = object<ExecutedBy>(
  {
    name: choice(RUNTIMES),
    version: nullable(text('Of onnxruntime or torch; null where it is not installed, and where figures were given.')),
    device: text('`cpu`, `cuda:N` or `webgpu`.'),
  },
  'What executes the network, and on what: the answer is for that alone.',
);

/** For answers that are computed from figures that a client brings: nothing of this machine is in them. */
export function executedAsAsked({ runtime = 'onnxruntime', device = 'cpu' }: WorkloadDto): ExecutedBy {
  return { name: runtime, version: null, device };
}

export function executedBy({ runtime, device }: Pick<Workload, 'runtime' | 'device'>, machine: Machine): ExecutedBy {
  const version = runtime === 'onnxruntime' ? machine.onnxruntimeVersion : (machine.pytorch?.torch ?? null);
  return { name: runtime, version, device };
}
