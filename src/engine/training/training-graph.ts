import { differentiate } from '../autodiff/differentiate.js';
import { Graph } from '../graph/graph.js';
import type { Value } from '../graph/node.js';
import { add } from '../graph/ops.js';
import type { Dropout, StateTensor } from '../nn/network.js';
import { Network } from '../nn/network.js';
import type { Architecture, PlantedSample } from '../zoo/architecture.js';
import type { BatchShape } from '../zoo/training-inputs.js';
import { BATCH_NAMES, buildTraining } from '../zoo/training-inputs.js';
import type { NetworkOptions } from '../zoo/description.js';
import { Moved } from './moved-state.js';
import type { Pack } from './packs.js';

/** Names of a training graph's inputs and outputs beside the network's state. */
export const TRAINING_NAMES = {
  ...BATCH_NAMES,
  learningRate: 'learning_rate',
  positivesPerImage: 'positives_per_image',
  loss: (name: string): string => `loss/${name}`,
  updated: (state: string): string => `updated/${state}`,
  gradient: (parameter: string): string => `gradient/${parameter}`,
  kept: 'kept',
} as const;

export interface TrainingGraph {
  readonly graph: Graph;
  readonly state: readonly StateTensor[];
  readonly lossNames: readonly string[];
  /** Loss terms and counts by output name. */
  readonly results: ReadonlyMap<string, Value>;
  /** Gradient of each parameter that trains and takes part, by parameter. */
  readonly gradients: ReadonlyMap<StateTensor, Value>;
  readonly packs: readonly Pack[];
  /** Inputs in which gradients gather; all zeros at first. */
  readonly velocities: readonly Value[];
  /**
   * What replaces each input that a step changes: parameters, velocities, running statistics, and packs of them; of as
   * many elements, but not always in the same shape.
   */
  readonly updates: ReadonlyMap<Value, Value>;
  /** As of TrainingResult. */
  readonly maskPlacesPerImage: number | null;
}

/**
 * A training step as one graph: forward pass, losses, gradients, and SGD with momentum 0.9.
 *
 * @param planted null: whatever the weights and images give, sampled in the order of the reference
 * @param dropout off, as in the reference's comparisons, or on, as in training
 */
export function buildTrainingGraph(
  architecture: Architecture,
  options: NetworkOptions,
  shape: BatchShape,
  planted: PlantedSample | null = null,
  dropout: Dropout = 'off',
): TrainingGraph {
  const graph = new Graph();
  const net = new Network(graph, true, dropout);
  const { losses, positivesPerImage, maskPlacesPerImage } = buildTraining(net, architecture, shape, options, planted);
  const total = [...losses.values()].reduce((sum, loss) => add(graph, sum, loss));
  const training = net.state.flatMap((tensor) =>
    tensor.trains && tensor.value ? [{ tensor, value: tensor.value }] : [],
  );
  const byValue = differentiate(
    graph,
    total,
    training.map(({ value }) => value),
  );
  const learningRate = graph.input(TRAINING_NAMES.learningRate, 'float32', []);
  const gradients = new Map<StateTensor, Value>(
    training.flatMap(({ tensor, value }) => {
      const gradient = byValue.get(value);
      return gradient ? [[tensor, gradient] as const] : [];
    }),
  );
  const moved = new Moved(graph);
  moved.towards(net.bufferUpdates);
  moved.byGradients(gradients, learningRate);
  const results = new Map([...losses].map(([name, loss]) => [TRAINING_NAMES.loss(name), loss]));
  if (positivesPerImage) results.set(TRAINING_NAMES.positivesPerImage, positivesPerImage);
  return {
    graph,
    state: net.state,
    lossNames: [...losses.keys()],
    results,
    gradients,
    packs: moved.packs,
    velocities: moved.velocities,
    updates: moved.updates,
    maskPlacesPerImage,
  };
}

/** What a whole step gives: losses, counts and all that it moves, by output name. */
export function updatedBy({ results, updates }: TrainingGraph): Map<string, Value> {
  const wanted = new Map(results);
  for (const [state, update] of updates) wanted.set(TRAINING_NAMES.updated(state.name), update);
  return wanted;
}
