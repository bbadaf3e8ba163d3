import type { MemoryBasis } from '../engine/training/memory-basis.js';
import { temporaryBytes } from './arena-share.js';
import type { MemoryLaw } from './memory-law.js';

const MEBIBYTE = 2 ** 20;

/**
 * Of the peak of steps. Beside the process, PyTorch keeps weights and velocities, and gradients until all weights are moved;
 * what lives between operators is given back to the C library, which keeps some of it.
 */
export const PYTORCH_STEPS: MemoryLaw = {
  partsOf,
  terms: {
    training: [
      { prior: 330, spread: 100, networkSpread: 20 },
      { prior: 4000, spread: 4000, networkSpread: 4000 },
      { prior: 1, spread: 0.5, networkSpread: 0.3 },
      { prior: 2, spread: 0.5, networkSpread: 0.3 },
      { prior: 1, spread: 0.5, networkSpread: 0.5 },
      { prior: 1.1, spread: 0.3, networkSpread: 0.2 },
    ],
    inference: [
      { prior: 330, spread: 100, networkSpread: 20 },
      { prior: 4000, spread: 4000, networkSpread: 4000 },
      { prior: 1, spread: 0.5, networkSpread: 0.3 },
      { prior: 0, spread: 0, networkSpread: 0 },
      { prior: 1, spread: 0.5, networkSpread: 0.5 },
      { prior: 1.1, spread: 0.5, networkSpread: 0.3 },
    ],
  },
};

/** Of the peak until a workload was loaded: of what lives between operators there is nothing yet. */
export const PYTORCH_LOADING: MemoryLaw = {
  partsOf,
  terms: {
    training: [
      { prior: 330, spread: 100, networkSpread: 20 },
      { prior: 4000, spread: 4000, networkSpread: 4000 },
      { prior: 1.5, spread: 0.5, networkSpread: 0.3 },
      { prior: 0, spread: 0, networkSpread: 0 },
      { prior: 1, spread: 0.5, networkSpread: 0.5 },
      { prior: 0, spread: 0, networkSpread: 0 },
    ],
    inference: [
      { prior: 330, spread: 100, networkSpread: 20 },
      { prior: 4000, spread: 4000, networkSpread: 4000 },
      { prior: 1.5, spread: 0.5, networkSpread: 0.3 },
      { prior: 0, spread: 0, networkSpread: 0 },
      { prior: 1, spread: 0.5, networkSpread: 0.5 },
      { prior: 0, spread: 0, networkSpread: 0 },
    ],
  },
};

/**
 * The process, which is Python's; operators of the graph; weights; the optimizer's state, which gradients are as large as;
 * what a run is given and gives out; and what lives between operators, at its most.
 */
function partsOf(_architecture: string, basis: MemoryBasis): readonly number[] {
  const { live, nodes } = basis;
  return [
    MEBIBYTE,
    nodes,
    live.weightBytes,
    live.optimizerBytes,
    live.inputBytes + live.outputBytes,
    temporaryBytes(basis),
  ];
}
