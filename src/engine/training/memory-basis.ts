import type { LiveMemory, MemoryRoles } from '../costs/live-memory.js';
import { liveMemory } from '../costs/live-memory.js';
import { tensorBytes } from '../costs/tensor-bytes.js';
import type { Graph } from '../graph/graph.js';
import type { Value } from '../graph/node.js';
import type { StateTensor } from '../nn/network.js';
import type { InferenceGraph } from './inference-graph.js';
import { GIVEN_BACK_BYTES } from './memory-plan.js';
import type { TrainingGraph } from './training-graph.js';

/** What of a workload's graph decides its peak memory; none of it shrinks with the batch, the size or the counts. */
export interface MemoryBasis {
  readonly use: 'training' | 'inference';
  /** Live memory at its peak, before lowering. */
  readonly live: LiveMemory;
  readonly nodes: number;
  /** Of weights that are part of the model, those so small that copies of them are not given back. */
  readonly smallWeightBytes: number;
}

export function trainingMemoryBasis(training: TrainingGraph): MemoryBasis {
  const { graph, state, packs, velocities, results } = training;
  const updates = [...training.updates.values()];
  return basisOf('training', graph, {
    outputs: [...results.values(), ...updates],
    updates: new Set(updates),
    weights: keptInputs(graph, [...valuesOf(state), ...packs.map(({ input }) => input)]),
    optimizerState: new Set(velocities),
    constantWeights: false,
  });
}

/** @param constantWeights whether weights are constant in the runtime's model, so that it rewrites it; else all runs as it was built */
export function inferenceMemoryBasis({ graph, state, result }: InferenceGraph, constantWeights = true): MemoryBasis {
  const outputs =
    result.kind === 'scores'
      ? [result.scores, result.auxiliary]
      : [result.boxes, result.scores, result.labels, result.detections, result.candidates, result.masks];
  return basisOf('inference', graph, {
    outputs: outputs.filter((output) => output !== null),
    updates: new Set(),
    weights: keptInputs(graph, valuesOf(state)),
    optimizerState: new Set(),
    constantWeights,
  });
}

function valuesOf(state: readonly StateTensor[]): readonly Value[] {
  return state.flatMap(({ value }) => (value ? [value] : []));
}

/** Those of the state that are inputs: what lies in packs is computed from the packs. */
function keptInputs(graph: Graph, values: readonly Value[]): ReadonlySet<Value> {
  const inputs = new Set(graph.inputs);
  return new Set(values.filter((value) => inputs.has(value)));
}

function basisOf(use: MemoryBasis['use'], graph: Graph, roles: MemoryRoles): MemoryBasis {
  const bytes = tensorBytes(graph);
  const small = roles.constantWeights ? [...roles.weights].map(bytes).filter((size) => size < GIVEN_BACK_BYTES) : [];
  return {
    use,
    live: liveMemory(graph, roles, bytes),
    nodes: graph.nodes.length,
    smallWeightBytes: small.reduce((sum, size) => sum + size, 0),
  };
}
