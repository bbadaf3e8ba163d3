import type { NodeCost } from '../costs/node-cost.js';
import { nodeCosts } from '../costs/node-cost.js';
import type { GraphNode } from '../graph/node.js';
import { BATCH_NAMES } from '../zoo/training-inputs.js';
import type { InferenceGraph } from './inference-graph.js';
import { INFERENCE_NAMES, inferenceOutputs } from './inference-graph.js';
import type { TrainingGraph } from './training-graph.js';
import { updatedBy } from './training-graph.js';

/** The work of each node of a whole training step. */
export function trainingCosts(training: TrainingGraph): ReadonlyMap<GraphNode, NodeCost> {
  return nodeCosts(training.graph, [...updatedBy(training).values()], new Set(Object.values(BATCH_NAMES)));
}

/** The work of each node of an inference. */
export function inferenceCosts({ graph, result }: InferenceGraph): ReadonlyMap<GraphNode, NodeCost> {
  return nodeCosts(graph, [...inferenceOutputs(result).values()], new Set([INFERENCE_NAMES.images]));
}
