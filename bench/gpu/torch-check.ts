import { PythonProcess } from '../../src/profiling/child/python-process.js';
import { asAsked } from '../../src/profiling/child/pytorch.js';
import type { Workload } from '../../src/profiles/workload.js';
import type { Split } from './checked-case.js';

const WARMUP_STEPS = 5;
const STEPS = 3;

/** What PyTorch says of a workload in a process that the service has no part in. */
export interface TorchCheck {
  readonly allocatedBytes: number;
  readonly reservedBytes: number;
  /** Null for inference. */
  readonly split: Split | null;
}

interface Memory {
  readonly gpu: { readonly allocated_peak_bytes: number; readonly reserved_peak_bytes: number };
}

interface Profiled {
  readonly kernel_seconds: Readonly<Record<'forward' | 'backward' | 'optimizer', number | undefined>>;
}

/** @throws WorkloadError */
export async function checkWithTorch(python: string, workload: Workload): Promise<TorchCheck> {
  const { process } = await PythonProcess.start(python, workload.threads);
  try {
    await process.ask('prepare', asAsked(workload));
    await process.ask('load');
    for (let step = 0; step < WARMUP_STEPS; step++) await process.ask('step');
    await process.ask('reset_peak');
    for (let step = 0; step < STEPS; step++) await process.ask('step');
    const { gpu } = (await process.ask('memory')) as Memory;
    const { kernel_seconds: seconds } = (await process.ask('profiled')) as Profiled;
    const [forward, backward] = [seconds.forward ?? 0, (seconds.backward ?? 0) + (seconds.optimizer ?? 0)];
    const whole = forward + backward;
    return {
      allocatedBytes: gpu.allocated_peak_bytes,
      reservedBytes: gpu.reserved_peak_bytes,
      split: workload.applicationType === 'inference' ? null : { forward: forward / whole, backward: backward / whole },
    };
  } finally {
    await process.end();
  }
}
