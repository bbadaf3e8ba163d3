import type { RuntimeName } from '../profiles/workload.js';
import type { MemoryLaw } from './memory-law.js';
import { LOADING, STEPS } from './onnxruntime-memory.js';
import { PhaseTimes } from './phase-times.js';
import { PYTORCH_LOADING, PYTORCH_STEPS } from './pytorch-memory.js';
import { StepTimes } from './step-times.js';
import type { MeasuredStep, TimeModel } from './time-model.js';

/** How what a runtime takes is predicted from what it was measured to take. */
export interface RuntimeModel {
  /** @param steps that were measured under the same conditions */
  times(steps: readonly MeasuredStep[]): TimeModel;
  /** Of peaks of steps. */
  readonly steps: MemoryLaw;
  /** Of peaks until a workload was loaded. */
  readonly loading: MemoryLaw;
}

/** Of onnxruntime the operators of a step are traced; of PyTorch no more than its phases is known. */
export const RUNTIME_MODELS: Readonly<Record<RuntimeName, RuntimeModel>> = {
  onnxruntime: { times: (steps) => StepTimes.of(steps), steps: STEPS, loading: LOADING },
  pytorch: { times: (steps) => PhaseTimes.of(steps), steps: PYTORCH_STEPS, loading: PYTORCH_LOADING },
};
