import { medianOf } from '../src/profiling/child/distribution.js';

/** How a figure varied over the rounds. */
export interface Spread {
  readonly median: number;
  readonly lowest: number;
  readonly highest: number;
}

/** What is held against the goals. Ratios are this engine over PyTorch, null where there is no PyTorch. */
export interface Figures {
  readonly trainingRatio: Spread | null;
  readonly inferenceRatio: Spread | null;
  readonly memoryRatio: Spread | null;
  /** Share of the machine's own rate of matrix products. */
  readonly trainingShare: Spread;
  readonly inferenceShare: Spread;
}

export type Verdict = 'met' | 'missed' | 'unknown';

export interface Verdicts {
  readonly training: Verdict;
  readonly inference: Verdict;
  readonly memory: Verdict;
}

/** A step as fast as the machine's own matrix products, but for this share, is fast enough whatever PyTorch takes. */
export const SHARE_GOAL = 0.85;
export const INFERENCE_RATIO_GOAL = 0.8;
export const MEMORY_RATIO_GOAL = 1;

/** MobileNets are depthwise convolutions for the most part, for which the runtime has no gradient. */
export function trainingRatioGoal(architecture: string): number {
  return architecture.includes('mobilenet') ? 1.2 : 0.85;
}

/** @throws RangeError for no figures */
export function spread(figures: readonly number[]): Spread {
  return { median: medianOf(figures), lowest: Math.min(...figures), highest: Math.max(...figures) };
}

/** Whether the medians reach the goals: of time the ratio or the share, whichever asks for less. */
export function verdicts(architecture: string, figures: Figures): Verdicts {
  return {
    training: timeVerdict(figures.trainingRatio, trainingRatioGoal(architecture), figures.trainingShare),
    inference: timeVerdict(figures.inferenceRatio, INFERENCE_RATIO_GOAL, figures.inferenceShare),
    memory: figures.memoryRatio === null ? 'unknown' : verdict(figures.memoryRatio.median <= MEMORY_RATIO_GOAL),
  };
}

function timeVerdict(ratio: Spread | null, goal: number, share: Spread): Verdict {
  if (share.median >= SHARE_GOAL) return 'met';
  return ratio === null ? 'unknown' : verdict(ratio.median <= goal);
}

function verdict(met: boolean): Verdict {
  return met ? 'met' : 'missed';
}
