import type { MemoryBasis } from '../engine/training/memory-basis.js';
import { temporaryBytes } from './arena-share.js';
import type { MemoryLaw } from './memory-law.js';

const MEBIBYTE = 2 ** 20;
/** What the C library keeps of freed memory goes by the sizes in which it was asked for, and not by their sum. */
const MISSES = { ofNetwork: 0.03, ofOptions: 0.04, ofMachine: 0.08 };

const PROCESS = { prior: 330, spread: 100, networkSpread: 20 };
const OPERATORS = { prior: 4000, spread: 4000, networkSpread: 4000 };
const NOTHING = { prior: 0, spread: 0, networkSpread: 0 };

/**
 * Of the peak of steps. Beside the process PyTorch keeps weights and velocities, and gradients until all weights are moved.
 * What lives between operators is given back to the C library, which keeps some of it; an inference, which gives back most
 * of it at once, was seen to take twice as much as lives at its most.
 */
export const PYTORCH_STEPS: MemoryLaw = {
  partsOf,
  misses: MISSES,
  terms: {
    training: [
      PROCESS,
      OPERATORS,
      { prior: 1, spread: 0.5, networkSpread: 0.3 },
      { prior: 2, spread: 0.5, networkSpread: 0.3 },
      { prior: 1, spread: 0.5, networkSpread: 0.5 },
      NOTHING,
      { prior: 1.1, spread: 0.3, networkSpread: 0.2 },
    ],
    inference: [
      PROCESS,
      OPERATORS,
      { prior: 1, spread: 0.5, networkSpread: 0.3 },
      NOTHING,
      { prior: 1, spread: 0.5, networkSpread: 0.5 },
      { prior: 0.5, spread: 0.5, networkSpread: 0.5 },
      { prior: 2, spread: 1, networkSpread: 0.5 },
    ],
  },
};

/** Of what is kept until it is loaded; nothing has run yet. */
const LOADED = [
  PROCESS,
  OPERATORS,
  { prior: 1.5, spread: 0.5, networkSpread: 0.3 },
  NOTHING,
  { prior: 1, spread: 0.5, networkSpread: 0.5 },
  NOTHING,
  NOTHING,
];

/** Of the peak until a workload was loaded. */
export const PYTORCH_LOADING: MemoryLaw = {
  partsOf,
  misses: MISSES,
  terms: { training: LOADED, inference: LOADED },
};

/**
 * The process, which is Python's; operators of the graph; weights; the optimizer's state, which gradients are as large as;
 * what a run is given; what it gives out; and what lives between operators, at its most.
 */
function partsOf(_architecture: string, basis: MemoryBasis): readonly number[] {
  const { live, nodes } = basis;
  return [
    MEBIBYTE,
    nodes,
    live.weightBytes,
    live.optimizerBytes,
    live.inputBytes,
    live.outputBytes,
    temporaryBytes(basis),
  ];
}
