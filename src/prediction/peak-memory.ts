import type { MemoryBasis } from '../engine/training/memory-basis.js';
import { nonnegativeLeastSquares } from './nonnegative-least-squares.js';

/** A measured peak with what decides it. */
export interface MeasuredPeak {
  readonly architecture: string;
  /** Equal for the same network in the same use. */
  readonly network: string;
  readonly basis: MemoryBasis;
  readonly peakRssBytes: number;
}

/** What the peak of a process is made of, and how much of it is expected of each byte or node before any measurement. */
interface Term {
  readonly of: (basis: MemoryBasis) => number;
  readonly prior: number;
  /** How far a machine's coefficient may lie from the prior, and that of a network from the machine's. */
  readonly spread: number;
  readonly networkSpread: number;
}

const MEBIBYTE = 2 ** 20;

const TERMS: readonly Term[] = [
  // Node.js, the runtime's library, what JavaScript has built: in MiB.
  { of: () => MEBIBYTE, prior: 120, spread: 100, networkSpread: 15 },
  // What the runtime and JavaScript keep for each node.
  { of: ({ nodes }) => nodes, prior: 20_000, spread: 20_000, networkSpread: 5_000 },
  { of: ({ live }) => live.weightBytes, prior: 1, spread: 0.5, networkSpread: 0.1 },
  { of: ({ live }) => live.optimizerBytes, prior: 1, spread: 0.3, networkSpread: 0.1 },
  { of: ({ live }) => live.inputBytes, prior: 1, spread: 1, networkSpread: 0.5 },
  {
    of: ({ live }) => live.activationBytes + live.gradientBytes + live.workspaceBytes,
    prior: 1.1,
    spread: 0.3,
    networkSpread: 0.3,
  },
];

/** What measured peaks of the same workload differ by, relative to them. */
const NOISE = 0.005;
/** What the machine's own coefficients miss the peaks of a network by. */
const ACROSS_NETWORKS = 0.05;
/** Weight of measurements of the same architecture with other options. */
const OTHER_OPTIONS = 0.1;

/**
 * Peak resident memory as a sum of what a workload is known to need, each part times a coefficient that is never negative:
 * what needs more of every part is never predicted to need less.
 *
 * minimise over x >= 0: sum over measured peaks p with parts a of ((a x - p) / (noise p))^2 + sum ((x - prior) / spread)^2
 *
 * First over all that was measured on the machine, with the priors above; then for a network over its own measurements,
 * drawn to the machine's coefficients. Of a network that was never measured the machine's are taken.
 */
export class PeakMemory {
  private readonly coefficients = new Map<string, readonly number[]>();
  private machine: readonly number[] | null = null;

  constructor(private readonly measured: readonly MeasuredPeak[]) {}

  without(left: ReadonlySet<MeasuredPeak>): PeakMemory {
    return new PeakMemory(this.measured.filter((peak) => !left.has(peak)));
  }

  bytesOf(architecture: string, network: string, basis: MemoryBasis): number {
    return dot(partsOf(basis), this.coefficientsOf(architecture, network));
  }

  private coefficientsOf(architecture: string, network: string): readonly number[] {
    const known = this.coefficients.get(network);
    if (known) return known;
    const own = this.measured.filter((peak) => peak.architecture === architecture);
    this.machine ??= fitted(this.measured, priors(), 'spread', () => ACROSS_NETWORKS);
    const found =
      own.length === 0
        ? this.machine
        : fitted(own, this.machine, 'networkSpread', (peak) =>
            peak.network === network ? NOISE : NOISE / Math.sqrt(OTHER_OPTIONS),
          );
    this.coefficients.set(network, found);
    return found;
  }
}

function priors(): readonly number[] {
  return TERMS.map(({ prior }) => prior);
}

function partsOf(basis: MemoryBasis): readonly number[] {
  return TERMS.map(({ of }) => of(basis));
}

function fitted(
  measured: readonly MeasuredPeak[],
  prior: readonly number[],
  spread: 'spread' | 'networkSpread',
  noiseOf: (peak: MeasuredPeak) => number,
): readonly number[] {
  const scale = (peak: MeasuredPeak): number => 1 / (noiseOf(peak) * peak.peakRssBytes);
  return nonnegativeLeastSquares({
    rows: measured.map((peak) => partsOf(peak.basis).map((part) => part * scale(peak))),
    targets: measured.map((peak) => 1 / noiseOf(peak)),
    ridge: TERMS.map((term) => 1 / term[spread] ** 2),
    prior,
  });
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);
}
