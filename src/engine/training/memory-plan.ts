import { simulatedArena } from '../costs/simulated-arena.js';
import type { MemoryRoles } from '../costs/live-memory.js';
import { tensorBytes } from '../costs/tensor-bytes.js';
import type { Value } from '../graph/node.js';
import type { ModelContent } from '../onnx/write-model.js';
import { replacedInPlace } from './in-place.js';
import { INFERENCE_NAMES } from './inference-graph.js';
import { TRAINING_NAMES } from './training-graph.js';

/*
 * What a process holds beside tensors of a known size, read off 28 measurements of training steps of seven architectures,
 * and 62 of inferences of 17, on a machine with two cores (bench/README.md).
 */

/** Node.js, the runtime's library, the graphs as JavaScript builds them: for a step, and for an inference. */
export const TRAINING_PROCESS_BYTES = 92 * 2 ** 20;
export const INFERENCE_PROCESS_BYTES = 91 * 2 ** 20;
/** What the runtime keeps for each node of a step, and of a network that it has rewritten. */
export const BYTES_PER_STEP_NODE = 5600;
export const BYTES_PER_NODE = 26 * 2 ** 10;
/** Freed tensors from this size on are given back to the system at once, as the child's environment says. */
export const GIVEN_BACK_BYTES = 2 ** 20;
/** Of smaller weights a copy, made while they are laid out for the kernels, is not given back. */
export const COPIES_OF_SMALL_WEIGHTS = 0.7;
/**
 * Of the weights of a model, while the runtime reads it: the file, the runtime's tensors, and what it rewrites them to. 2 to 3
 * of 18 networks, up to 3.9 of those in which it folds norms into convolutions.
 */
export const COPIES_WHILE_LOADING = 3;
/** What kernels take from elsewhere than the arena. */
export const BESIDE_ARENA = 0.06;

type LoweredModel = Pick<ModelContent, 'graph' | 'outputs'>;

/**
 * Resident memory that the process of a training step will need at its peak, from its lowered graph alone: the process,
 * each tensor that JavaScript keeps, and the runtime's arena (costs/simulated-arena.ts).
 */
export function plannedTrainingBytes(model: LoweredModel, threads: number): number {
  const { graph, outputs } = model;
  const sum = summing(model);
  const replaced = new Set([...replacedInPlace(model)].map(TRAINING_NAMES.updated));
  const written = [...outputs].flatMap(([name, output]) => (replaced.has(name) ? [] : [output]));
  const { touchedBytes } = simulatedArena(graph, rolesOf(model, [], false), threads);
  return (
    TRAINING_PROCESS_BYTES +
    BYTES_PER_STEP_NODE * graph.nodes.length +
    sum([...graph.inputs, ...written]) +
    (1 + BESIDE_ARENA) * touchedBytes
  );
}

/** Of an inference, once the model is loaded, and on the way there. */
export interface PlannedInference {
  readonly runningBytes: number;
  readonly loadingBytes: number;
}

/**
 * The same of a network in evaluation mode, whose weights are part of the model. While that is loaded there are several
 * copies of them, so that a large network with small images needs most before it runs.
 */
export function plannedInferenceBytes(model: LoweredModel, threads: number): number {
  const { runningBytes, loadingBytes } = plannedInference(model, threads);
  return Math.max(runningBytes, loadingBytes);
}

export function plannedInference(model: LoweredModel, threads: number): PlannedInference {
  const { graph, outputs } = model;
  const bytes = tensorBytes(graph);
  const sum = summing(model);
  const images = graph.inputs.filter(({ name }) => name === INFERENCE_NAMES.images);
  const weights = graph.inputs.filter((input) => !images.includes(input));
  const small = sum(weights.filter((weight) => bytes(weight) < GIVEN_BACK_BYTES));
  const fixed = INFERENCE_PROCESS_BYTES + BYTES_PER_NODE * graph.nodes.length + COPIES_OF_SMALL_WEIGHTS * small;
  const { touchedBytes } = simulatedArena(graph, rolesOf(model, weights, true), threads);
  const running = sum(weights) + 2 * sum(images) + sum(outputs.values()) + touchedBytes;
  return { runningBytes: fixed + running, loadingBytes: fixed + COPIES_WHILE_LOADING * sum(weights) };
}

function summing({ graph }: LoweredModel): (values: Iterable<Value>) => number {
  const bytes = tensorBytes(graph);
  return (values) => [...values].reduce((total, value) => total + bytes(value), 0);
}

function rolesOf({ outputs }: LoweredModel, weights: readonly Value[], constantWeights: boolean): MemoryRoles {
  return {
    outputs: [...outputs.values()],
    updates: new Set(),
    weights: new Set(weights),
    optimizerState: new Set(),
    constantWeights,
  };
}
