import type { LiveMemory } from '../costs/live-memory.js';
import { liveMemory } from '../costs/live-memory.js';
import type { Graph } from '../graph/graph.js';
import type { Value } from '../graph/node.js';
import type { StateTensor } from '../nn/network.js';
import type { InferenceGraph } from './inference-graph.js';
import type { TrainingGraph } from './training-graph.js';

/** What of a workload's graph decides its peak memory; none of it shrinks with the batch, the size or the counts. */
export interface MemoryBasis {
  /** Live memory at its peak, before lowering. */
  readonly live: LiveMemory;
  readonly nodes: number;
}

/** Lists whose length only the run decides are short: selected boxes, a few numbers each. */
const LIST_LENGTH = 1000;

export function trainingMemoryBasis(training: TrainingGraph): MemoryBasis {
  const { graph, state, packs, velocities, results, updates } = training;
  return basisOf(
    graph,
    [...results.values(), ...updates.values()],
    [...valuesOf(state), ...packs.map(({ input }) => input)],
    velocities,
  );
}

export function inferenceMemoryBasis({ graph, state, result }: InferenceGraph): MemoryBasis {
  const outputs =
    result.kind === 'scores'
      ? [result.scores, result.auxiliary]
      : [result.boxes, result.scores, result.labels, result.detections, result.candidates, result.masks];
  return basisOf(
    graph,
    outputs.filter((output) => output !== null),
    valuesOf(state),
    [],
  );
}

function valuesOf(state: readonly StateTensor[]): readonly Value[] {
  return state.flatMap(({ value }) => (value ? [value] : []));
}

function basisOf(
  graph: Graph,
  outputs: readonly Value[],
  weights: readonly Value[],
  optimizerState: readonly Value[],
): MemoryBasis {
  const inputs = new Set(graph.inputs);
  const roles = {
    outputs,
    // Those in packs are computed from the packs.
    weights: new Set(weights.filter((value) => inputs.has(value))),
    optimizerState: new Set(optimizerState),
  };
  return { live: liveMemory(graph, roles, () => LIST_LENGTH), nodes: graph.nodes.length };
}
