import { lowerNamed } from '../../engine/lowering/lower.js';
import { buildInferenceGraph, type InferenceGraph } from '../../engine/training/inference-graph.js';
import { inferenceMemoryBasis, type MemoryBasis, trainingMemoryBasis } from '../../engine/training/memory-basis.js';
import { plannedInferenceBytes, plannedTrainingBytes } from '../../engine/training/memory-plan.js';
import { buildTrainingGraph, TRAINING_NAMES, type TrainingGraph } from '../../engine/training/training-graph.js';
import { architectureNamed } from '../../engine/zoo/catalogue.js';
import type { Workload } from '../../profiles/workload.js';
import { PeakMemory } from '../../prediction/peak-memory.js';
import { RUNTIME_MODELS } from '../../prediction/runtime-model.js';
import { networkKey } from '../../prediction/support.js';
import type { LivePart } from '../memory-breakdown.js';

/** Drawn into the classes of pixels, on which memory does not depend. */
const OBJECTS_THAT_COST_NOTHING = 3;

/** What the tensors of a workload take at its peak, by its graph; nothing is run. */
export function liveParts(workload: Workload): LivePart {
  const { live } = memoryBasis(workload);
  return {
    weightsBytes: live.weightBytes,
    optimizerBytes: live.optimizerBytes,
    gradientsBytes: live.gradientBytes,
    activationsBytes: live.inputBytes + live.outputBytes + live.activationBytes,
    workspaceBytes: live.workspaceBytes,
  };
}

function memoryBasis(workload: Workload): MemoryBasis {
  return workload.applicationType === 'training'
    ? trainingMemoryBasis(trainingGraph(workload))
    : inferenceMemoryBasis(inferenceGraph(workload), workload.runtime === 'onnxruntime');
}

/**
 * The peak of the process, by the graph alone: what a measurement of the built-in runtime is refused by where nothing is
 * predicted. Of another runtime it is what is usual, whatever the machine.
 */
export function plannedPeakBytes(workload: Workload): number {
  return Math.round(workload.runtime === 'onnxruntime' ? plannedByArena(workload) : plannedByLaws(workload));
}

function plannedByLaws(workload: Workload): number {
  const { steps, loading } = RUNTIME_MODELS[workload.runtime];
  const basis = memoryBasis(workload);
  return Math.max(
    ...[steps, loading].map((law) =>
      new PeakMemory([], law).bytesOf(workload.architecture, networkKey(workload), basis),
    ),
  );
}

function plannedByArena(workload: Workload): number {
  return workload.applicationType === 'training'
    ? plannedTraining(trainingGraph(workload), workload.threads)
    : plannedInference(inferenceGraph(workload), workload.threads);
}

/** Of the runtime's blocked layout with AVX-512; only the runtime can tell, which is not loaded here, and 8 plans nearly the same. */
const CHANNEL_BLOCK = 16;

function plannedTraining({ graph, results, updates }: TrainingGraph, threads: number): number {
  const wanted = new Map(results);
  for (const [state, update] of updates) wanted.set(TRAINING_NAMES.updated(state.name), update);
  return plannedTrainingBytes(
    lowerNamed(graph, wanted, { constantWeights: false, channelBlock: CHANNEL_BLOCK }),
    threads,
  );
}

function plannedInference({ graph, result }: InferenceGraph, threads: number): number {
  const results = Object.entries(result).flatMap(([name, value]) =>
    typeof value === 'string' || value === null ? [] : [[name, value] as const],
  );
  return plannedInferenceBytes(
    lowerNamed(graph, new Map(results), { constantWeights: true, channelBlock: null }),
    threads,
  );
}

function trainingGraph({ architecture, options, batchSize, imageSize, ...counts }: Workload): TrainingGraph {
  const { objectsPerImage, positivesPerImage } = counts;
  const shape = { batchSize, imageSize, objectsPerImage: objectsPerImage ?? OBJECTS_THAT_COST_NOTHING };
  return buildTrainingGraph(architectureNamed(architecture), options, shape, { positivesPerImage }, 'on');
}

function inferenceGraph({ architecture, options, batchSize, imageSize, ...counts }: Workload): InferenceGraph {
  const { candidatesPerImage, detectionsPerImage } = counts;
  const planted =
    candidatesPerImage === null || detectionsPerImage === null ? null : { candidatesPerImage, detectionsPerImage };
  return buildInferenceGraph(architectureNamed(architecture), options, batchSize, imageSize, planted);
}
