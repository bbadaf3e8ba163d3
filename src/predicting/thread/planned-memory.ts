import { peakTemporaryBytes, sumBytes } from '../../engine/graph/liveness.js';
import type { Value } from '../../engine/graph/node.js';
import { lowerNamed } from '../../engine/lowering/lower.js';
import { buildInferenceGraph } from '../../engine/training/inference-graph.js';
import { plannedInferenceBytes, plannedTrainingBytes } from '../../engine/training/memory-plan.js';
import { buildTrainingGraph, TRAINING_NAMES } from '../../engine/training/training-graph.js';
import type { InferenceResult } from '../../engine/zoo/architecture.js';
import { architectureNamed } from '../../engine/zoo/catalogue.js';
import type { StateTensor } from '../../engine/nn/network.js';
import type { Workload } from '../../profiles/workload.js';
import type { MemoryPlan } from '../memory-plan.js';

/** Where objects cost nothing, as of classes of pixels. */
const ANY_NUMBER_OF_OBJECTS = 1;

/** The memory that a workload's graph asks for, as it is planned before a measurement; nothing is run. */
export function plannedMemory(workload: Workload): MemoryPlan {
  return workload.applicationType === 'training' ? plannedTraining(workload) : plannedInference(workload);
}

function plannedTraining({ architecture, options, batchSize, imageSize, ...counts }: Workload): MemoryPlan {
  const objectsPerImage = counts.objectsPerImage ?? ANY_NUMBER_OF_OBJECTS;
  const { positivesPerImage } = counts;
  const shape = { batchSize, imageSize, objectsPerImage };
  const training = buildTrainingGraph(architectureNamed(architecture), options, shape, { positivesPerImage }, 'on');
  const wanted = new Map(training.results);
  for (const [state, update] of training.updates) wanted.set(TRAINING_NAMES.updated(state.name), update);
  const lowered = lowerNamed(training.graph, wanted, { constantWeights: false, channelBlock: null });
  return planOf(plannedTrainingBytes(lowered), {
    weightsBytes: sumBytes(valuesOf(training.state)),
    gradientsBytes: sumBytes([...training.gradients.values()]),
    optimizerBytes: sumBytes(training.velocities),
    temporaryBytes: peakTemporaryBytes(lowered.graph, [...lowered.outputs.values()]),
  });
}

function plannedInference({ architecture, options, batchSize, imageSize, ...counts }: Workload): MemoryPlan {
  const { candidatesPerImage, detectionsPerImage } = counts;
  const planted =
    candidatesPerImage === null || detectionsPerImage === null ? null : { candidatesPerImage, detectionsPerImage };
  const network = buildInferenceGraph(architectureNamed(architecture), options, batchSize, imageSize, planted);
  const wanted = new Map(valuesIn(network.result).map((value, index) => [`result ${index}`, value]));
  const lowered = lowerNamed(network.graph, wanted, { constantWeights: true, channelBlock: null });
  return planOf(plannedInferenceBytes(lowered), {
    weightsBytes: sumBytes(valuesOf(network.state)),
    gradientsBytes: 0,
    optimizerBytes: 0,
    temporaryBytes: peakTemporaryBytes(lowered.graph, [...lowered.outputs.values()]),
  });
}

/** @param temporaryBytes of all tensors between inputs and outputs, gradients among them */
function planOf(
  peakRssBytes: number,
  parts: {
    readonly weightsBytes: number;
    readonly gradientsBytes: number;
    readonly optimizerBytes: number;
    readonly temporaryBytes: number;
  },
): MemoryPlan {
  const { weightsBytes, gradientsBytes, optimizerBytes, temporaryBytes } = parts;
  const activationsBytes = Math.max(0, temporaryBytes - gradientsBytes);
  const known = weightsBytes + gradientsBytes + optimizerBytes + activationsBytes;
  return {
    peakRssBytes: Math.round(peakRssBytes),
    breakdown: {
      weightsBytes,
      gradientsBytes,
      optimizerBytes,
      activationsBytes,
      workspaceBytes: 0,
      runtimeBytes: Math.max(0, Math.round(peakRssBytes) - known),
    },
  };
}

function valuesOf(state: readonly StateTensor[]): Value[] {
  return state.flatMap(({ value }) => value ?? []);
}

function valuesIn(result: InferenceResult): Value[] {
  if (result.kind === 'scores') return result.auxiliary ? [result.scores, result.auxiliary] : [result.scores];
  const { boxes, scores, labels, detections, candidates, masks } = result;
  return [boxes, scores, labels, detections, candidates, ...(masks ? [masks] : [])];
}
