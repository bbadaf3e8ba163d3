import { LruCache } from '../common/lru-cache.js';
import type { MemoryBasis } from '../engine/training/memory-basis.js';
import { STEPS } from './onnxruntime-memory.js';
import type { MemoryLaw } from './memory-law.js';
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

/** Of which coefficients are kept: with other options a network is another one. */
const MOST_NETWORKS = 1000;
/** Of a coefficient that is not to move. */
const FIXED = 1e-9;

/**
 * Peak resident memory as a sum of what a workload is known to need, each part times a coefficient that is never negative:
 * what needs more of every part is never predicted to need less. Which parts there are the law of the runtime says.
 *
 * minimise over x >= 0: sum over measured peaks p with parts a of ((a x - p) / (noise p))^2 + sum ((x - prior) / spread)^2
 *
 * First over all networks that were measured on the machine, with the law's priors; then for a network over its own
 * measurements, drawn to the machine's coefficients. Of a network that was never measured the machine's are taken; on a
 * machine where nothing was, the priors.
 */
export class PeakMemory {
  private readonly machines = new Map<Use, readonly number[]>();
  private readonly networks = new LruCache<string, readonly number[]>(MOST_NETWORKS);

  constructor(
    private readonly measured: readonly MeasuredPeak[],
    private readonly law: MemoryLaw = STEPS,
  ) {}

  without(left: ReadonlySet<MeasuredPeak>): PeakMemory {
    return new PeakMemory(
      this.measured.filter((peak) => !left.has(peak)),
      this.law,
    );
  }

  bytesOf(architecture: string, network: string, basis: MemoryBasis): number {
    return dot(this.law.partsOf(architecture, basis), this.networkCoefficients(architecture, network, basis.use));
  }

  private networkCoefficients(architecture: string, network: string, use: Use): readonly number[] {
    const key = `${use} ${network}`;
    const known = this.networks.get(key);
    if (known) return known;
    const machine = this.machineCoefficients(use);
    const own = this.measured.filter((peak) => peak.architecture === architecture && peak.basis.use === use);
    const { misses } = this.law;
    const spreads = this.law.terms[use].map(({ networkSpread }) => networkSpread);
    const noiseOf = (peak: MeasuredPeak): number => (peak.network === network ? misses.ofNetwork : misses.ofOptions);
    const found = own.length === 0 ? machine : this.fitted(own, machine, spreads, noiseOf);
    this.networks.set(key, found);
    return found;
  }

  private machineCoefficients(use: Use): readonly number[] {
    const known = this.machines.get(use);
    if (known) return known;
    const terms = this.law.terms[use];
    const all = this.measured.filter((peak) => peak.basis.use === use);
    const found = this.fitted(
      all,
      terms.map(({ prior }) => prior),
      terms.map(({ spread }) => spread),
      () => this.law.misses.ofMachine,
    );
    this.machines.set(use, found);
    return found;
  }

  private fitted(
    measured: readonly MeasuredPeak[],
    prior: readonly number[],
    spreads: readonly number[],
    noiseOf: (peak: MeasuredPeak) => number,
  ): readonly number[] {
    return nonnegativeLeastSquares({
      rows: measured.map((peak) =>
        this.law.partsOf(peak.architecture, peak.basis).map((part) => part / (noiseOf(peak) * peak.peakRssBytes)),
      ),
      targets: measured.map((peak) => 1 / noiseOf(peak)),
      ridge: spreads.map((spread) => 1 / Math.max(FIXED, spread) ** 2),
      prior,
    });
  }
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);
}
