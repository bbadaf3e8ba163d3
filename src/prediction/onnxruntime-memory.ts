import type { MemoryBasis } from '../engine/training/memory-basis.js';
import {
  BESIDE_ARENA,
  BYTES_PER_NODE,
  BYTES_PER_STEP_NODE,
  COPIES_OF_SMALL_WEIGHTS,
  COPIES_WHILE_LOADING,
  INFERENCE_PROCESS_BYTES,
  TRAINING_PROCESS_BYTES,
} from '../engine/training/memory-plan.js';
import { arenaBytes, loweredNodes } from './arena-share.js';
import type { MemoryLaw } from './memory-law.js';

const MEBIBYTE = 2 ** 20;
const MISSES = { ofNetwork: 0.005, ofOptions: 0.015, ofMachine: 0.03 };

/** Of the peak of steps; priors are those of a plan (engine/training/memory-plan.ts). */
export const STEPS: MemoryLaw = {
  partsOf,
  misses: MISSES,
  terms: {
    training: [
      { prior: TRAINING_PROCESS_BYTES / MEBIBYTE, spread: 30, networkSpread: 10 },
      { prior: BYTES_PER_STEP_NODE, spread: 2000, networkSpread: 500 },
      { prior: 1, spread: 0.02, networkSpread: 0.02 },
      { prior: 0, spread: 0, networkSpread: 0 },
      { prior: 1, spread: 0.02, networkSpread: 0.02 },
      { prior: 1, spread: 0.5, networkSpread: 1 },
      { prior: 1, spread: 0.5, networkSpread: 1 },
      { prior: 1 + BESIDE_ARENA, spread: 0.05, networkSpread: 0.1 },
    ],
    inference: [
      { prior: INFERENCE_PROCESS_BYTES / MEBIBYTE, spread: 30, networkSpread: 10 },
      { prior: BYTES_PER_NODE, spread: 5000, networkSpread: 5000 },
      { prior: 1, spread: 0.02, networkSpread: 0.02 },
      { prior: COPIES_OF_SMALL_WEIGHTS, spread: 0.3, networkSpread: 0.5 },
      { prior: 0, spread: 0, networkSpread: 0 },
      { prior: 2, spread: 0.5, networkSpread: 1 },
      { prior: 1, spread: 0.2, networkSpread: 0.5 },
      { prior: 1, spread: 0.05, networkSpread: 0.1 },
    ],
  },
};
/** Of the peak until a workload was loaded: nothing has run, so the arena holds weights at most. */
export const LOADING: MemoryLaw = {
  partsOf,
  misses: MISSES,
  terms: {
    training: [
      { prior: TRAINING_PROCESS_BYTES / MEBIBYTE, spread: 30, networkSpread: 10 },
      { prior: BYTES_PER_STEP_NODE, spread: 5000, networkSpread: 2000 },
      { prior: 1, spread: 0.5, networkSpread: 0.2 },
      { prior: 0, spread: 0, networkSpread: 0 },
      { prior: 1, spread: 0.2, networkSpread: 0.1 },
      { prior: 1, spread: 0.5, networkSpread: 0.5 },
      { prior: 1, spread: 0.5, networkSpread: 0.5 },
      { prior: 0, spread: 0, networkSpread: 0 },
    ],
    inference: [
      { prior: INFERENCE_PROCESS_BYTES / MEBIBYTE, spread: 30, networkSpread: 10 },
      { prior: BYTES_PER_NODE, spread: 10_000, networkSpread: 5000 },
      { prior: COPIES_WHILE_LOADING, spread: 0.5, networkSpread: 0.5 },
      { prior: COPIES_OF_SMALL_WEIGHTS, spread: 0.5, networkSpread: 0.5 },
      { prior: 0, spread: 0, networkSpread: 0 },
      { prior: 1, spread: 0.5, networkSpread: 0.5 },
      { prior: 0.5, spread: 0.5, networkSpread: 0.5 },
      { prior: 0, spread: 0, networkSpread: 0 },
    ],
  },
};

/**
 * The process; nodes of the lowered graph; weights; copies of small weights; the optimizer's state; what a run is given; what
 * it gives out; and the arena, which of each architecture is known from simulations (arena-share.ts).
 */
function partsOf(architecture: string, basis: MemoryBasis): readonly number[] {
  const { live, smallWeightBytes } = basis;
  return [
    MEBIBYTE,
    loweredNodes(architecture, basis),
    live.weightBytes,
    smallWeightBytes,
    live.optimizerBytes,
    live.inputBytes,
    live.outputBytes,
    arenaBytes(architecture, basis),
  ];
}
