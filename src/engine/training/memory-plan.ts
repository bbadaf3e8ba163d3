import { peakLiveBytes } from '../graph/liveness.js';
import type { ModelContent } from '../onnx/write-model.js';

/** Node.js and the runtime's library, before any model. */
const PROCESS_BYTES = 100 * 2 ** 20;
/** What the runtime and JavaScript keep for each node of a model. */
const BYTES_PER_NODE = 35 * 2 ** 10;
/** The runtime's allocator rounds sizes up, and keeps pieces between tensors that nothing fits into. */
const ALLOCATOR_OVERHEAD = 1.5;

/**
 * Resident memory that the process of a model will need at its peak, from its lowered graph alone. The three figures
 * above were read off measurements of SSDlite: training with batch 2, 4, 8 and 16 peaked at 0.85, 0.92, 0.95 and 0.98 of
 * it, inference with 1, 8 and 32 at 1.00, 0.93 and 0.80.
 */
export function plannedPeakBytes({ graph, outputs }: Pick<ModelContent, 'graph' | 'outputs'>): number {
  const tensors = peakLiveBytes(graph, [...outputs.values()]);
  return PROCESS_BYTES + BYTES_PER_NODE * graph.nodes.length + ALLOCATOR_OVERHEAD * tensors;
}
