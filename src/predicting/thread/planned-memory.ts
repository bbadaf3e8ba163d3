import type { LiveMemory } from '../../engine/costs/live-memory.js';
import type { Value } from '../../engine/graph/node.js';
import { lowerNamed } from '../../engine/lowering/lower.js';
import { buildInferenceGraph } from '../../engine/training/inference-graph.js';
import { inferenceMemoryBasis, trainingMemoryBasis } from '../../engine/training/memory-basis.js';
import { plannedInferenceBytes, plannedTrainingBytes } from '../../engine/training/memory-plan.js';
import { elementCount } from '../../engine/graph/tensor.js';
import type { TrainingGraph } from '../../engine/training/training-graph.js';
import { buildTrainingGraph, TRAINING_NAMES } from '../../engine/training/training-graph.js';
import type { InferenceResult } from '../../engine/zoo/architecture.js';
import { architectureNamed } from '../../engine/zoo/catalogue.js';
import type { Workload } from '../../profiles/workload.js';
import type { MemoryPlan } from '../memory-plan.js';

/** Where objects cost nothing, as of classes of pixels. */
const ANY_NUMBER_OF_OBJECTS = 1;
const FLOAT32_BYTES = 4;
/** Of the runtime's blocked layout with AVX-512; only the runtime can tell, which is not loaded here, and 8 plans nearly the same. */
const CHANNEL_BLOCK = 16;

/** The memory that a workload's graph asks for, as it is planned before a measurement; nothing is run. */
export function plannedMemory(workload: Workload): MemoryPlan {
  return workload.applicationType === 'training' ? plannedTraining(workload) : plannedInference(workload);
}

function plannedTraining({ architecture, options, batchSize, imageSize, threads, ...counts }: Workload): MemoryPlan {
  const objectsPerImage = counts.objectsPerImage ?? ANY_NUMBER_OF_OBJECTS;
  const { positivesPerImage } = counts;
  const shape = { batchSize, imageSize, objectsPerImage };
  const training = buildTrainingGraph(architectureNamed(architecture), options, shape, { positivesPerImage }, 'on');
  const wanted = new Map(training.results);
  for (const [state, update] of training.updates) wanted.set(TRAINING_NAMES.updated(state.name), update);
  const lowered = lowerNamed(training.graph, wanted, { constantWeights: false, channelBlock: CHANNEL_BLOCK });
  const { live } = trainingMemoryBasis(training);
  return planOf(plannedTrainingBytes(lowered, threads), live, sumOfGradients(training));
}

function plannedInference({ architecture, options, batchSize, imageSize, threads, ...counts }: Workload): MemoryPlan {
  const { candidatesPerImage, detectionsPerImage } = counts;
  const planted =
    candidatesPerImage === null || detectionsPerImage === null ? null : { candidatesPerImage, detectionsPerImage };
  const network = buildInferenceGraph(architectureNamed(architecture), options, batchSize, imageSize, planted);
  const wanted = new Map(valuesIn(network.result).map((value, index) => [`result ${index}`, value]));
  const lowered = lowerNamed(network.graph, wanted, { constantWeights: true, channelBlock: null });
  return planOf(plannedInferenceBytes(lowered, threads), inferenceMemoryBasis(network).live, 0);
}

/** @param weightGradientsBytes of all of them, of which there are seldom so many at once */
function planOf(peakRssBytes: number, live: LiveMemory, weightGradientsBytes: number): MemoryPlan {
  const gradientsBytes = Math.min(live.gradientBytes, weightGradientsBytes);
  const parts = {
    weightsBytes: live.weightBytes,
    gradientsBytes,
    optimizerBytes: live.optimizerBytes,
    activationsBytes: live.inputBytes + live.outputBytes + live.activationBytes + live.gradientBytes - gradientsBytes,
    workspaceBytes: live.workspaceBytes,
  };
  const known = Object.values(parts).reduce((sum, bytes) => sum + bytes, 0);
  // Where the plan is for the loading of a model, not all of the parts are there at once.
  const peak = Math.max(Math.round(peakRssBytes), known);
  return { peakRssBytes: peak, breakdown: { ...parts, runtimeBytes: peak - known } };
}

function sumOfGradients({ gradients }: TrainingGraph): number {
  return [...gradients.keys()].reduce((sum, { shape }) => sum + FLOAT32_BYTES * elementCount(shape), 0);
}

function valuesIn(result: InferenceResult): Value[] {
  if (result.kind === 'scores') return result.auxiliary ? [result.scores, result.auxiliary] : [result.scores];
  const { boxes, scores, labels, detections, candidates, masks } = result;
  return [boxes, scores, labels, detections, candidates, ...(masks ? [masks] : [])];
}
