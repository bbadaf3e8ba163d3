import { Graph } from '../graph/graph.js';
import type { Value } from '../graph/node.js';
import type { StateTensor } from '../nn/network.js';
import { Network } from '../nn/network.js';
import type { Architecture, InferenceResult, PlantedCounts } from '../zoo/architecture.js';
import type { NetworkOptions } from '../zoo/description.js';

/** Names of an inference graph's inputs and outputs beside the network's state; outputs as of InferenceResult. */
export const INFERENCE_NAMES = {
  images: 'images',
  detections: ['boxes', 'scores', 'labels', 'detections', 'candidates'],
  /** Of networks that find masks. */
  masks: 'masks',
  /** Of networks that give classes. */
  scores: 'scores',
  /** Of networks with a second classifier. */
  auxiliary: 'auxiliary',
} as const;

export interface InferenceGraph {
  readonly graph: Graph;
  readonly state: readonly StateTensor[];
  readonly result: InferenceResult;
}

/** The network in evaluation mode, from images to its answer, as one graph. */
export function buildInferenceGraph(
  architecture: Architecture,
  options: NetworkOptions,
  batchSize: number,
  imageSize: readonly [number, number],
  planted: PlantedCounts | null,
): InferenceGraph {
  const graph = new Graph();
  const net = new Network(graph, false);
  const images = graph.input(INFERENCE_NAMES.images, 'float32', [batchSize, 3, ...imageSize]);
  const result: InferenceResult = architecture.infer(net, images, options, planted);
  return { graph, state: net.state, result };
}

/** What a run gives, by its name. */
export function inferenceOutputs(result: InferenceResult): ReadonlyMap<string, Value> {
  if (result.kind === 'scores') {
    const scores = new Map<string, Value>([[INFERENCE_NAMES.scores, result.scores]]);
    if (result.auxiliary) scores.set(INFERENCE_NAMES.auxiliary, result.auxiliary);
    return scores;
  }
  const wanted = new Map<string, Value>(INFERENCE_NAMES.detections.map((name) => [name, result[name]]));
  if (result.masks) wanted.set(INFERENCE_NAMES.masks, result.masks);
  return wanted;
}
