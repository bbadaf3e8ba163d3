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
import type { ApplicationType } from '../../src/profiles/workload.js';

/** As with AVX-512. */
const CHANNEL_BLOCK = 16;
const THREADS = 2;
/** Of the default size. */
const SIZES = [0.25, 0.55, 1] as const;
const BATCHES = [2, 5, 16] as const;
const MEBIBYTE = 2 ** 20;

interface Anchor {
  readonly basis: MemoryBasis;
  readonly touchedBytes: number;
  readonly nodes: number;
}

/** What the arena of an architecture comes to where so much is live, from simulations of a few workloads. */
export function arenaShare(name: string, type: ApplicationType): ArenaShare {
  const anchors = SIZES.flatMap((size) => BATCHES.map((batch) => anchorOf(name, type, size, batch)));
  const nodes = anchors.reduce((sum, anchor) => sum + anchor.nodes, 0) / anchors.length;
  const points = anchors.map(({ basis, touchedBytes }): Point => [temporaryBytes(basis), touchedBytes]);
  return { nodes: Math.round(nodes), curve: rising(points).map((point) => point.map(mebibytes)) };
}

type Point = readonly [x: number, y: number];

function mebibytes(bytes: number): number {
  return Number((bytes / MEBIBYTE).toFixed(2));
}

/** Points by x, each that lies below one before it joined with that to their mean. */
function rising(points: readonly Point[]): readonly Point[] {
  const pools: { x: number; y: number; count: number }[] = [];
  for (const [x, y] of [...points].sort(([left], [right]) => left - right)) {
    let pool = { x, y, count: 1 };
    for (let last = pools.at(-1); last && (last.y >= pool.y || last.x >= pool.x); last = pools.at(-1)) {
      pools.pop();
      const count = last.count + pool.count;
      pool = {
        x: (last.x * last.count + pool.x * pool.count) / count,
        y: (last.y * last.count + pool.y * pool.count) / count,
        count,
      };
    }
    pools.push(pool);
  }
  return pools.map(({ x, y }) => [x, y]);
}

function anchorOf(name: string, type: ApplicationType, share: number, batchSize: number): Anchor {
  const architecture = architectureNamed(name);
  const { defaults, defaultImageSize, counts } = architecture.description;
  const { smallestImageSide } = architecture.description;
  const imageSize = defaultImageSize.map((side) => Math.max(smallestImageSide, Math.round(side * share))) as [
    number,
    number,
  ];
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
