import type { Graph } from '../graph/graph.js';
import type { GraphNode, Value } from '../graph/node.js';
import type { CompositeOperatorName, OperatorName } from '../graph/operators.js';
import { nodesFor } from '../graph/prune.js';
import { allocationPlan } from './allocation-plan.js';
import { executionOrder } from './execution-order.js';
import { fusedConvolutions } from './fused-convolutions.js';
import { numberedNodes } from './numbered-nodes.js';
import { tensorBytes } from './tensor-bytes.js';

/** What of a graph is kept between runs. */
export interface MemoryRoles {
  /** What a run gives out. */
  readonly outputs: readonly Value[];
  /** Of that, what takes the place of inputs. */
  readonly updates: ReadonlySet<Value>;
  /** Inputs that are weights, and what is stored with them, such as running statistics. */
  readonly weights: ReadonlySet<Value>;
  /** Inputs that the optimizer keeps, such as velocities. */
  readonly optimizerState: ReadonlySet<Value>;
  /** Whether weights are constant in the model, so that the runtime rewrites it. */
  readonly constantWeights: boolean;
}

/** Bytes at the moment of a run at which they are most, by what they are for. */
export interface LiveMemory {
  readonly totalBytes: number;
  readonly weightBytes: number;
  readonly optimizerBytes: number;
  /** What else a run is given, such as images and targets, and constants. */
  readonly inputBytes: number;
  /** What a run gives out, but for new values of what is kept between runs. */
  readonly outputBytes: number;
  /** Results of the forward pass. */
  readonly activationBytes: number;
  /** Results of the backward pass and the optimizer. */
  readonly gradientBytes: number;
  /** What the operator of that moment needs for its own work. */
  readonly workspaceBytes: number;
}

/**
 * What an operator that becomes several of the runtime's needs for its own work, in the size of the largest of its
 * operands and results: most bring it into another order, or compute in passes that each write it.
 */
const WORKSPACES: Readonly<Record<CompositeOperatorName | 'Conv', number>> = {
  BatchNormalizationGradient: 1,
  BatchNormalizationTraining: 0,
  ClipGradient: 1,
  Conv: 1,
  ConvInputGradient: 1,
  ConvWeightGradient: 1,
  CrossEntropy: 1,
  CrossEntropyGradient: 1,
  GroupNormalization: 1,
  GroupNormalizationGradient: 1,
  HardSwish: 1,
  HardSwishGradient: 1,
  InterpolateBilinear: 1,
  InterpolateBilinearGradient: 1,
  MaxPoolGradient: 1,
  MultiScaleRoiAlign: 1,
  RoiAlignGradient: 1,
  SigmoidFocalLoss: 1,
  SigmoidFocalLossGradient: 1,
  StopGradient: 0,
  UpsampleNearest: 0,
  UpsampleNearestGradient: 0,
};

/**
 * The most memory that a run needs at once, from its graph before lowering, in the order in which the runtime executes
 * it: each tensor from the node that makes it to the last that reads it, a reshaped one where it lay, and results in the
 * place of operands where the runtime puts them there. As long as the nodes stay the same, a larger batch, size or count
 * never needs less, since every tensor grows with them.
 *
 * @param bytes of each tensor, where who asks has them already
 */
export function liveMemory(graph: Graph, roles: MemoryRoles, bytes = tensorBytes(graph)): LiveMemory {
  const given = new Set<Value>([...graph.inputs, ...graph.constants.keys()]);
  const { nodes, kept } = nodesOfRun(graph, roles);
  const numbered = numberedNodes(nodes);
  const plan = allocationPlan(numbered, executionOrder(numbered), kept, false);
  const sizes = numbered.values.map(bytes);
  const isForward = new Uint8Array(sizes.length);
  const peak = { activationBytes: 0, gradientBytes: 0, workspaceBytes: 0 };
  let [most, activationBytes, gradientBytes] = [-1, 0, 0];
  const count = (values: readonly number[], sign: 1 | -1): void => {
    for (const value of values) {
      if (isForward[value] === 1) activationBytes += sign * (sizes[value] ?? 0);
      else gradientBytes += sign * (sizes[value] ?? 0);
    }
  };
  for (const { node, allocated, freed } of plan) {
    if (node.phase === 'forward') for (const value of allocated) isForward[value] = 1;
    count(allocated, 1);
    const workspaceBytes = workspaceOf(node, bytes);
    const now = activationBytes + gradientBytes + workspaceBytes;
    if (now > most) {
      most = now;
      Object.assign(peak, { activationBytes, gradientBytes, workspaceBytes });
    }
    count(freed, -1);
  }
  const sum = (values: Iterable<Value>): number => [...values].reduce((total, value) => total + bytes(value), 0);
  const [weightBytes, optimizerBytes] = [sum(roles.weights), sum(roles.optimizerState)];
  const inputBytes = sum(given) - weightBytes - optimizerBytes;
  const outputBytes = sum(roles.outputs.filter((output) => !roles.updates.has(output)));
  return {
    totalBytes: weightBytes + optimizerBytes + inputBytes + outputBytes + Math.max(0, most),
    weightBytes,
    optimizerBytes,
    inputBytes,
    outputBytes,
    ...peak,
  };
}

/** What is executed, and what has its memory already. */
export interface NodesOfRun {
  readonly nodes: readonly GraphNode[];
  readonly kept: ReadonlySet<Value>;
}

/** The nodes that the outputs need; where weights are constant, without those that the runtime computes once. */
export function nodesOfRun(graph: Graph, { outputs, weights, constantWeights }: MemoryRoles): NodesOfRun {
  const kept = new Set([...graph.inputs, ...graph.constants.keys(), ...outputs]);
  const nodes = nodesFor(graph, outputs);
  if (!constantWeights) return { nodes, kept };
  const known = new Set([...weights, ...graph.constants.keys()]);
  const executed = nodes.filter((node) => {
    const isKnown = node.inputs.every((input) => !input || known.has(input));
    if (isKnown) for (const output of node.outputs) known.add(output);
    return !isKnown;
  });
  return { nodes: fusedConvolutions(executed, new Set(outputs)), kept: new Set([...kept, ...known]) };
}

function workspaceOf({ operator, inputs, outputs }: GraphNode, bytes: (value: Value) => number): number {
  const times = (WORKSPACES as Partial<Record<OperatorName, number>>)[operator] ?? 0;
  if (times === 0) return 0;
  let largest = 0;
  for (const value of inputs) if (value) largest = Math.max(largest, bytes(value));
  for (const value of outputs) largest = Math.max(largest, bytes(value));
  return times * largest;
}
