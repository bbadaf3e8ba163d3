import type { Workload } from '../../profiles/workload.js';
import type { ChildMessage } from '../protocol.js';
import { OnnxRuntime } from './onnxruntime.js';
import { PyTorchRuntime } from './pytorch.js';
import type { Runtime } from './runtime.js';

/** The runtime that a workload asks for. @throws WorkloadError where it cannot be started */
export async function startRuntime(workload: Workload, report: (message: ChildMessage) => void): Promise<Runtime> {
  switch (workload.runtime) {
    case 'onnxruntime':
      return new OnnxRuntime(report);
    case 'pytorch':
      return PyTorchRuntime.start(workload, report);
  }
}
