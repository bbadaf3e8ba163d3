import type { TimingLimits } from '../profiles/measurement.js';

/** Limits of a measurement, as the service is configured; those of its timings are what a request may tighten. */
export interface MeasuringOptions extends TimingLimits {
  /** Largest planned peak of a workload; null: what the machine has available when the measurement begins. */
  readonly memoryBudgetBytes: number | null;
  /** Wall time of a whole measurement, building the network included, after which it is ended. */
  readonly timeoutSeconds: number;
  /** The Python that has torch and torchvision: a name on the path, or a file. */
  readonly python: string;
}

/** Injection token of `MeasuringOptions`. */
export const MEASURING_OPTIONS = Symbol('MEASURING_OPTIONS');

export const DEFAULT_MEASURING_OPTIONS: MeasuringOptions = {
  maxSteps: 1000,
  maxSeconds: 60,
  memoryBudgetBytes: null,
  timeoutSeconds: 600,
  python: 'python3',
};
