import { LruCache } from '../common/lru-cache.js';
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
import { nonnegativeLeastSquares } from './nonnegative-least-squares.js';

/** A measured peak with what decides it. */
export interface MeasuredPeak {
  readonly architecture: string;
  /** Equal for the same network in the same use. */
  readonly network: string;
  readonly basis: MemoryBasis;
  readonly peakRssBytes: number;
}

type Use = MemoryBasis['use'];

const MEBIBYTE = 2 ** 20;

/** A part of the peak, with the coefficient that is expected of it, and how far others may lie from that. */
interface Term {
  readonly prior: number;
  /** Of the machine's coefficient from the prior. */
  readonly spread: number;
  /** Of a network's coefficient from the machine's. */
  readonly networkSpread: number;
}

/** In the order of `partsOf`. */
export type Terms = Readonly<Record<Use, readonly Term[]>>;

/** Of the peak of steps; priors are those of a plan (engine/training/memory-plan.ts). */
export const STEPS: Terms = {
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
};
/** Of the peak until a workload was loaded: nothing has run, so the arena holds weights at most. */
export const LOADING: Terms = {
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
};

/** What measured peaks of the same workload differ by, relative to them. */
const NOISE = 0.005;
/** What the machine's own coefficients miss the peaks of a network by. */
const ACROSS_NETWORKS = 0.03;
/** What those of a network miss the peaks of the same architecture with other options by. */
const ACROSS_OPTIONS = 0.015;
/** Of which coefficients are kept: with other options a network is another one. */
const MOST_NETWORKS = 1000;
/** Of a coefficient that is not to move. */
const FIXED = 1e-9;

/**
 * Peak resident memory as a sum of what a workload is known to need, each part times a coefficient that is never negative:
 * what needs more of every part is never predicted to need less. The parts: the process; nodes of the lowered graph;
 * weights; copies of small weights; the optimizer's state; what a run is given; what it gives out; and the arena, which of
 * each architecture is known from simulations (arena-share.ts).
 *
 * minimise over x >= 0: sum over measured peaks p with parts a of ((a x - p) / (noise p))^2 + sum ((x - prior) / spread)^2
 *
 * First over all networks that were measured on the machine, with the priors above; then for a network over its own
 * measurements, drawn to the machine's coefficients. Of a network that was never measured the machine's are taken; on a
 * machine where nothing was, the priors.
 */
export class PeakMemory {
  private readonly machines = new Map<Use, readonly number[]>();
  private readonly networks = new LruCache<string, readonly number[]>(MOST_NETWORKS);

  constructor(
    private readonly measured: readonly MeasuredPeak[],
    private readonly terms: Terms = STEPS,
  ) {}

  without(left: ReadonlySet<MeasuredPeak>): PeakMemory {
    return new PeakMemory(
      this.measured.filter((peak) => !left.has(peak)),
      this.terms,
    );
  }

  bytesOf(architecture: string, network: string, basis: MemoryBasis): number {
    return dot(partsOf(architecture, basis), this.networkCoefficients(architecture, network, basis.use));
  }

  private networkCoefficients(architecture: string, network: string, use: Use): readonly number[] {
    const key = `${use} ${network}`;
    const known = this.networks.get(key);
    if (known) return known;
    const machine = this.machineCoefficients(use);
    const own = this.measured.filter((peak) => peak.architecture === architecture && peak.basis.use === use);
    const spreads = this.terms[use].map(({ networkSpread }) => networkSpread);
    const noiseOf = (peak: MeasuredPeak): number => (peak.network === network ? NOISE : ACROSS_OPTIONS);
    const found = own.length === 0 ? machine : fitted(own, machine, spreads, noiseOf);
    this.networks.set(key, found);
    return found;
  }

  private machineCoefficients(use: Use): readonly number[] {
    const known = this.machines.get(use);
    if (known) return known;
    const terms = this.terms[use];
    const all = this.measured.filter((peak) => peak.basis.use === use);
    const found = fitted(
      all,
      terms.map(({ prior }) => prior),
      terms.map(({ spread }) => spread),
      () => ACROSS_NETWORKS,
    );
    this.machines.set(use, found);
    return found;
  }
}

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

function fitted(
  measured: readonly MeasuredPeak[],
  prior: readonly number[],
  spreads: readonly number[],
  noiseOf: (peak: MeasuredPeak) => number,
): readonly number[] {
  return nonnegativeLeastSquares({
    rows: measured.map((peak) =>
      partsOf(peak.architecture, peak.basis).map((part) => part / (noiseOf(peak) * peak.peakRssBytes)),
    ),
    targets: measured.map((peak) => 1 / noiseOf(peak)),
    ridge: spreads.map((spread) => 1 / Math.max(FIXED, spread) ** 2),
    prior,
  });
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);
}
