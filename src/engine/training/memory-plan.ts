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
 * above were read off measurements: training of SSDlite with batch 2, 8 and 16 peaked at 0.78, 0.79 and 0.81 of it, of
 * Faster R-CNN with 1 and 4 at 1.11 and 0.98, of Mask R-CNN with 1 at 1.13; inference of SSDlite with 1, 8 and 32 at
 * 1.01, 0.84 and 0.67. Sizes that only the run decides, such as regions by pyramid level, are not in it.
 */
export function plannedPeakBytes({ graph, outputs }: Pick<ModelContent, 'graph' | 'outputs'>): number {
  const tensors = peakLiveBytes(graph, [...outputs.values()]);
  return PROCESS_BYTES + BYTES_PER_NODE * graph.nodes.length + ALLOCATOR_OVERHEAD * tensors;
}
