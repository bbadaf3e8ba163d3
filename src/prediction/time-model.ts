import type { TracedPhase } from '../profiles/step-trace.js';
import type { TracedOperators } from './operator-times.js';
import type { KindWork } from './step-work.js';

/** Seconds of the parts of a step. */
export type PhaseSeconds = Readonly<Record<TracedPhase, number>>;

/** A measured step. */
export interface MeasuredStep {
  readonly architecture: string;
  readonly works: readonly KindWork[];
  /** Null where no trace was kept. */
  readonly traced: TracedOperators | null;
  readonly stepSeconds: number;
  /** Of which the whole step consists. */
  readonly phaseSeconds: PhaseSeconds;
  /** 0 to 1: how far its time is that of an undisturbed step. */
  readonly trust: number;
}

/** Tells the time of steps of one application type from measured ones; more work never takes less. */
export interface TimeModel {
  /** What would be known if some of the steps had not been measured. */
  without(left: ReadonlySet<MeasuredStep>): TimeModel;
  /** Finds what predictions of the architecture need, which would otherwise take time in the first of them. */
  learn(architecture: string): void;
  /** Zeros where nothing that was measured says anything. */
  secondsOf(architecture: string, works: readonly KindWork[]): PhaseSeconds;
}
