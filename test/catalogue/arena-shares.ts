import { simulatedArena } from '../../src/engine/costs/simulated-arena.js';
import { lowerNamed } from '../../src/engine/lowering/lower.js';
import { buildInferenceGraph } from '../../src/engine/training/inference-graph.js';
import type { MemoryBasis } from '../../src/engine/training/memory-basis.js';
import { inferenceMemoryBasis, trainingMemoryBasis } from '../../src/engine/training/memory-basis.js';
import { buildTrainingGraph, TRAINING_NAMES } from '../../src/engine/training/training-graph.js';
import type { InferenceResult } from '../../src/engine/zoo/architecture.js';
import { architectureNamed } from '../../src/engine/zoo/catalogue.js';
import type { NetworkOptions } from '../../src/engine/zoo/description.js';
import type { ArenaShare } from '../../src/prediction/arena-share.js';
import { temporaryBytes } from '../../src/prediction/arena-share.js';
import { nonnegativeLeastSquares } from '../../src/prediction/nonnegative-least-squares.js';
import type { ApplicationType } from '../../src/profiles/workload.js';

/** As with AVX-512. */
const CHANNEL_BLOCK = 16;
const THREADS = 2;
/** Of the default size: where the arena's own sizes show, and where they are lost in what is computed. */
const SIZES = [0.4, 0.7, 1] as const;
const BATCHES = [2, 5] as const;
/** What a process takes beside the arena: it is to be right relative to both. */
const BESIDE_BYTES = 200 * 2 ** 20;

interface Anchor {
  readonly basis: MemoryBasis;
  readonly touchedBytes: number;
  readonly nodes: number;
}

/** What the arena of an architecture comes to for each byte that is live, from simulations of a few workloads. */
export function arenaShare(name: string, type: ApplicationType): ArenaShare {
  const anchors = SIZES.flatMap((size) => BATCHES.map((batch) => anchorOf(name, type, size, batch)));
  const weights = anchors.map(({ touchedBytes }) => 1 / (touchedBytes + BESIDE_BYTES));
  const [fixedMebibytes = 0, perByte = 0] = nonnegativeLeastSquares({
    rows: anchors.map(({ basis }, index) =>
      [2 ** 20, temporaryBytes(basis)].map((part) => part * (weights[index] ?? 0)),
    ),
    targets: anchors.map(({ touchedBytes }, index) => touchedBytes * (weights[index] ?? 0)),
    ridge: [0, 0],
    prior: [0, 0],
  });
  const nodes = anchors.reduce((sum, anchor) => sum + anchor.nodes, 0) / anchors.length;
  return {
    fixedMebibytes: Number(fixedMebibytes.toFixed(1)),
    perByte: Number(perByte.toFixed(3)),
    nodes: Math.round(nodes),
  };
}

function anchorOf(name: string, type: ApplicationType, share: number, batchSize: number): Anchor {
  const architecture = architectureNamed(name);
  const { defaults, defaultImageSize, counts } = architecture.description;
  const imageSize = defaultImageSize.map((side) => Math.round(side * share)) as [number, number];
  const options: NetworkOptions =
    defaults.minSize === null
      ? defaults
      : { ...defaults, minSize: Math.min(...imageSize), maxSize: 2 * Math.max(...imageSize) };
  if (type === 'inference') {
    const planted = counts && {
      candidatesPerImage: counts.defaults.detectionsPerImage,
      detectionsPerImage: counts.defaults.detectionsPerImage,
    };
    const inference = buildInferenceGraph(architecture, options, batchSize, imageSize, planted);
    const wanted = new Map(valuesIn(inference.result).map((value, index) => [`result ${index}`, value]));
    const { graph, outputs } = lowerNamed(inference.graph, wanted, { constantWeights: true, channelBlock: null });
    const weights = graph.inputs.filter(({ name: input }) => input !== 'images');
    return simulated(graph, [...outputs.values()], weights, inferenceMemoryBasis(inference));
  }
  const shape = { batchSize, imageSize, objectsPerImage: counts?.defaults.objectsPerImage ?? 1 };
  const planted = { positivesPerImage: counts?.defaults.positivesPerImage ?? null };
  const training = buildTrainingGraph(architecture, options, shape, planted, 'on');
  const wanted = new Map(training.results);
  for (const [state, update] of training.updates) wanted.set(TRAINING_NAMES.updated(state.name), update);
  const lowered = lowerNamed(training.graph, wanted, { constantWeights: false, channelBlock: CHANNEL_BLOCK });
  return simulated(lowered.graph, [...lowered.outputs.values()], null, trainingMemoryBasis(training));
}

type Lowered = ReturnType<typeof lowerNamed>;

/** @param weights null where they are no constants */
function simulated(
  graph: Lowered['graph'],
  outputs: Parameters<typeof simulatedArena>[1]['outputs'],
  weights: Parameters<typeof simulatedArena>[1]['outputs'] | null,
  basis: MemoryBasis,
): Anchor {
  const roles = {
    outputs,
    updates: new Set<never>(),
    weights: new Set(weights ?? []),
    optimizerState: new Set<never>(),
    constantWeights: weights !== null,
  };
  const { touchedBytes } = simulatedArena(graph, roles, THREADS);
  return { basis, touchedBytes, nodes: graph.nodes.length };
}

function valuesIn(result: InferenceResult) {
  if (result.kind === 'scores') return result.auxiliary ? [result.scores, result.auxiliary] : [result.scores];
  const { boxes, scores, labels, detections, candidates, masks } = result;
  return [boxes, scores, labels, detections, candidates, ...(masks ? [masks] : [])];
}
