import type { TimingLimits } from '../profiles/measurement.js';
import { type ChildMessage, type MeasuringPhase, tracedRunCount } from './protocol.js';

/** How far a measurement has come. */
export interface MeasuringProgress {
  readonly phase: MeasuringPhase;
  /** Steps done in this phase. */
  readonly step: number;
  /** Median step of each window of timed steps so far, in seconds. */
  readonly windowsSeconds: readonly number[];
  /** What the limits of steps and seconds leave at most; null before steps are run, when it cannot be told. */
  readonly secondsLeft: number | null;
}

type ProgressMessage = Extract<ChildMessage, { type: 'progress' }>;

/** Follows what a measuring process says of itself. */
export class ProgressFollower {
  private windowsSeconds: readonly number[] = [];
  private warmupSteps = 0;
  private firstStepAt: number | null = null;
  private stepSeconds = 0;

  /** @param clock monotonic, in seconds */
  constructor(
    private readonly limits: TimingLimits,
    private readonly clock: () => number,
  ) {}

  follow({ phase, step, windowSeconds }: ProgressMessage): MeasuringProgress {
    if (windowSeconds !== null) this.windowsSeconds = [...this.windowsSeconds, windowSeconds];
    return { phase, step, windowsSeconds: this.windowsSeconds, secondsLeft: this.secondsLeft(phase, step) };
  }

  private secondsLeft(phase: MeasuringPhase, step: number): number | null {
    switch (phase) {
      case 'building':
      case 'loading':
        return null;
      case 'warmup':
        this.firstStepAt ??= this.clock();
        this.warmupSteps = step;
        return step === 0 ? null : this.toEndOfLimits(step);
      case 'timing':
        return this.toEndOfLimits(this.warmupSteps + step);
      case 'tracing':
        return this.tracingSeconds(step);
    }
  }

  private toEndOfLimits(steps: number): number {
    const elapsed = this.clock() - (this.firstStepAt ?? this.clock());
    this.stepSeconds = this.windowsSeconds.at(-1) ?? elapsed / Math.max(1, steps);
    const bySteps = (this.limits.maxSteps - steps) * this.stepSeconds;
    const bySeconds = this.limits.maxSeconds - elapsed;
    return Math.max(0, Math.min(bySteps, bySeconds)) + this.tracingSeconds(0);
  }

  private tracingSeconds(done: number): number {
    return this.stepSeconds === 0 ? 0 : Math.max(0, tracedRunCount(this.stepSeconds) - done) * this.stepSeconds;
  }
}
