import { countedCosts } from '../engine/costs/node-cost.js';
import { buildInferenceGraph } from '../engine/training/inference-graph.js';
import { inferenceMemoryBasis, type MemoryBasis, trainingMemoryBasis } from '../engine/training/memory-basis.js';
import { inferenceCosts, trainingCosts } from '../engine/training/step-costs.js';
import { buildTrainingGraph } from '../engine/training/training-graph.js';
import { architectureNamed } from '../engine/zoo/catalogue.js';
import type { OperatorCost } from '../profiles/step-trace.js';
import type { Workload } from '../profiles/workload.js';

/** Drawn into the classes of pixels, on which the cost of a step does not depend. */
const OBJECTS_THAT_COST_NOTHING = 3;

/** What there is in a whole batch; 0 where a workload knows no such work. */
export interface BatchCounts {
  readonly images: number;
  /** Of the runtime. */
  readonly threads: number;
  /** Objects in training, candidates in inference. */
  readonly matched: number;
  /** Positives in training, detections in inference. */
  readonly found: number;
}

/** Equal operators of a step, as a trace has them, and as they are known without one. */
export type CountedOperators = Omit<OperatorCost, 'seconds'>;

/** What a workload costs whatever the machine. */
export interface WorkloadCosts {
  readonly operators: readonly CountedOperators[];
  readonly counts: BatchCounts;
  readonly memory: MemoryBasis;
}

export function batchCounts(workload: Workload): BatchCounts {
  const { batchSize, threads, objectsPerImage, positivesPerImage, candidatesPerImage, detectionsPerImage } = workload;
  return {
    images: batchSize,
    threads,
    matched: batchSize * (objectsPerImage ?? candidatesPerImage ?? 0),
    found: batchSize * (positivesPerImage ?? detectionsPerImage ?? 0),
  };
}

/** Counted on the workload's graph, which is built but not run, in up to some 30 ms. @throws UnknownArchitectureError */
export function workloadCosts(workload: Workload): WorkloadCosts {
  const counts = batchCounts(workload);
  const architecture = architectureNamed(workload.architecture);
  const { options, batchSize, imageSize } = workload;
  if (workload.applicationType === 'training') {
    const objectsPerImage = workload.objectsPerImage ?? OBJECTS_THAT_COST_NOTHING;
    const { positivesPerImage } = workload;
    const shape = { batchSize, imageSize, objectsPerImage };
    const graph = buildTrainingGraph(architecture, options, shape, { positivesPerImage }, 'on');
    return { operators: countedCosts(trainingCosts(graph).values()), counts, memory: trainingMemoryBasis(graph) };
  }
  const { candidatesPerImage, detectionsPerImage } = workload;
  const planted =
    candidatesPerImage === null || detectionsPerImage === null ? null : { candidatesPerImage, detectionsPerImage };
  const graph = buildInferenceGraph(architecture, options, batchSize, imageSize, planted);
  return {
    operators: countedCosts(inferenceCosts(graph).values()),
    counts,
    memory: inferenceMemoryBasis(graph, workload.runtime === 'onnxruntime'),
  };
}
