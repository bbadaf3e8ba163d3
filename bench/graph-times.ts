import type { BenchCase } from './bench-case.js';

export interface GraphRequest {
  readonly benchCase: BenchCase;
  /** Graphs built and lowered; or a training step loaded, ready to run. */
  readonly kind: 'graphs' | 'ready';
}

export const GRAPH_STAGES = ['training graph', 'training lowered', 'inference graph', 'inference lowered'] as const;

export interface GraphTimes {
  /** By the clock or of the processor, whichever is less: others on the machine make the clock's longer. */
  readonly seconds: Readonly<Record<(typeof GRAPH_STAGES)[number], number>>;
  /** Nodes of the training step once lowered. */
  readonly trainingNodes: number;
}

export interface ReadyTime {
  /** From the first line of building the graph until the first step could be run; as of GraphTimes. */
  readonly readySeconds: number;
}
