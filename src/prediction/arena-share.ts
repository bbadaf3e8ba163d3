import type { MemoryBasis } from '../engine/training/memory-basis.js';
import shares from './arena-shares.json';

/** What the runtime's arena comes to, told from what is live in a graph before lowering. */
export interface ArenaShare {
  readonly fixedMebibytes: number;
  /** For each byte of `temporaryBytes`. */
  readonly perByte: number;
  /** Of the lowered graph. */
  readonly nodes: number;
}

/** Of the networks of the catalogue the least and the most are 1 and 2. */
const ANY_ARCHITECTURE = { fixedMebibytes: 0, perByte: 1.3 };
const LOWERED_NODES = { training: 3, inference: 1.1 } as const;

/**
 * Simulations of the arena (engine/costs/simulated-arena.ts) over a few workloads of each architecture, written by
 * `npm run arena`: to lower a graph and to simulate its arena takes a tenth of a second, and is not monotone.
 */
const SHARES: ReadonlyMap<string, ArenaShare> = new Map(Object.entries(shares));

export function arenaShareOf(architecture: string, basis: MemoryBasis): ArenaShare {
  return (
    SHARES.get(`${architecture} ${basis.use}`) ?? { ...ANY_ARCHITECTURE, nodes: LOWERED_NODES[basis.use] * basis.nodes }
  );
}

/** What lives between nodes, and what these need for their own work. */
export function temporaryBytes({ live }: MemoryBasis): number {
  return live.activationBytes + live.gradientBytes + live.workspaceBytes;
}
