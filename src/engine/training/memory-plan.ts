import type { Graph } from '../graph/graph.js';
import { peakLiveBytes } from '../graph/liveness.js';
import type { Value } from '../graph/node.js';

/** Node.js, the runtime's library and code, before any model. */
const PROCESS_BYTES = 150 * 2 ** 20;

/** Resident memory that the process of a workload will need at its peak, from its graph alone. */
export function plannedPeakBytes(graph: Graph, outputs: readonly Value[]): number {
  return PROCESS_BYTES + peakLiveBytes(graph, outputs);
}
