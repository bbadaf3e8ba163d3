import type { MemoryBasis } from '../engine/training/memory-basis.js';

/** A part of the peak, with the coefficient that is expected of it, and how far others may lie from that. */
export interface MemoryTerm {
  readonly prior: number;
  /** Of the machine's coefficient from the prior. */
  readonly spread: number;
  /** Of a network's coefficient from the machine's. */
  readonly networkSpread: number;
}

/** What a runtime's peaks are sums of. */
export interface MemoryLaw {
  /** In the order of its terms; none falls with the batch, the size or the counts. */
  partsOf(architecture: string, basis: MemoryBasis): readonly number[];
  /** Of measured peaks, as shares: how far they lie from what coefficients say. */
  readonly misses: {
    /** Those of a network from its own measurements. */
    readonly ofNetwork: number;
    /** Those of a network from the same architecture with other options. */
    readonly ofOptions: number;
    /** The machine's own from any network. */
    readonly ofMachine: number;
  };
  readonly terms: Readonly<Record<MemoryBasis['use'], readonly MemoryTerm[]>>;
}
