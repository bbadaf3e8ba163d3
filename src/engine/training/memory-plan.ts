import { peakTemporaryBytes, sumBytes } from '../graph/liveness.js';
import type { ModelContent } from '../onnx/write-model.js';
import { replacedInPlace } from './in-place.js';
import { INFERENCE_NAMES } from './inference-graph.js';
import { TRAINING_NAMES } from './training-graph.js';

/** Node.js and the runtime's library, before any model. */
const PROCESS_BYTES = 100 * 2 ** 20;
/** What the runtime and JavaScript keep for each node of a model. */
const BYTES_PER_NODE = 35 * 2 ** 10;
/** The runtime's allocator rounds sizes up, and keeps pieces between tensors that nothing fits into. */
const ALLOCATOR_OVERHEAD = 1.25;
/** Of weights that are part of a model, while it is written and read: JavaScript frees its own late. */
const COPIES_OF_WEIGHTS = 5;

type LoweredModel = Pick<ModelContent, 'graph' | 'outputs'>;

/**
 * Resident memory that the process of a training step will need at its peak, from its lowered graph alone. The figures
 * above were read off measurements: the networks of the catalogue peaked at 0.70 (Mask R-CNN v2) to 0.99 of it, Faster
 * R-CNN with batch 4 at 1.15. Sizes that only the run
 * decides, such as regions by pyramid level, are not in it.
 */
export function plannedTrainingBytes({ graph, outputs }: LoweredModel): number {
  const replaced = new Set([...replacedInPlace({ graph, outputs })].map(TRAINING_NAMES.updated));
  const written = [...outputs].flatMap(([name, output]) => (replaced.has(name) ? [] : [output]));
  return sumBytes([...graph.inputs, ...graph.constants.keys(), ...written]) + plannedForRun({ graph, outputs });
}

/**
 * The same of a network in evaluation mode, whose weights are part of the model: classifiers peaked at 0.71 to 1.04 of it,
 * DeepLabV3 at 0.80 and 0.83, two-stage detectors at 0.86 to 1.05, RetinaNet at 1.11.
 */
export function plannedInferenceBytes({ graph, outputs }: LoweredModel): number {
  const images = graph.inputs.filter(({ name }) => name === INFERENCE_NAMES.images);
  const weights = sumBytes([...graph.inputs.filter((input) => !images.includes(input)), ...graph.constants.keys()]);
  const given = sumBytes([...images, ...outputs.values()]);
  return COPIES_OF_WEIGHTS * weights + given + plannedForRun({ graph, outputs });
}

function plannedForRun({ graph, outputs }: LoweredModel): number {
  const temporary = peakTemporaryBytes(graph, [...outputs.values()]);
  return PROCESS_BYTES + BYTES_PER_NODE * graph.nodes.length + ALLOCATOR_OVERHEAD * temporary;
}
