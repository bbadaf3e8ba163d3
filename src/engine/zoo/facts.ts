import { moduleMultiplyAccumulates, multiplyAccumulates } from '../graph/costs.js';
import { Graph } from '../graph/graph.js';
import { elementCount } from '../graph/tensor.js';
import type { StateTensor } from '../nn/network.js';
import { Network, UntrainableError } from '../nn/network.js';
import type { NetworkOptions } from './description.js';
import { buildTraining } from './training-inputs.js';
import { architectureNamed } from './catalogue.js';

/** What a network is and computes, counted on its graph. */
export interface NetworkFacts {
  /** Elements of all parameters. */
  readonly parameters: number;
  readonly trainableParameters: number;
  /**
   * Multiply-accumulates of convolutions and linear layers in one forward pass of the whole batch; without masks, of which
   * there are as many as detections.
   */
  readonly forwardMultiplyAccumulates: number;
  /** `[height, width]` in pixels that the network computes at, after its own resizing. */
  readonly computedImageSize: readonly [height: number, width: number];
}

/** A tensor of a network's state, as torchvision's `state_dict` names it. */
export type NetworkTensor = Pick<StateTensor, 'name' | 'shape' | 'kind' | 'trains'>;

/** No tensor of a network's state depends on the size of its images. */
const ANY_IMAGE_SIZE = [320, 320] as const;

/**
 * Counts of a network in evaluation mode, from its graph alone: no runtime is loaded, and nothing runs.
 *
 * @param imageSize `[height, width]` in pixels, before the network's own resizing
 * @throws UnknownArchitectureError
 */
export function networkFacts(
  name: string,
  options: NetworkOptions,
  batchSize: number,
  imageSize: readonly [height: number, width: number],
): NetworkFacts {
  const { g: graph, state } = evaluationGraph(name, options, batchSize, imageSize);
  const architecture = architectureNamed(name);
  const parameters = state.filter(({ kind }) => kind === 'parameter');
  return {
    parameters: elementsOf(parameters),
    trainableParameters: elementsOf(parameters.filter(({ trains }) => trains)),
    forwardMultiplyAccumulates: multiplyAccumulates(graph) - moduleMultiplyAccumulates(graph, architecture.maskModules),
    computedImageSize: architecture.computedImageSize(imageSize, options),
  };
}

/**
 * Why a batch cannot be trained on, or null where it can; seen from the shapes of the network in training. Only a single
 * image can leave a channel with a single value, so only then is the network built, in some 20 ms.
 *
 * @throws UnknownArchitectureError
 */
export function untrainableReason(
  name: string,
  options: NetworkOptions,
  batchSize: number,
  imageSize: readonly [height: number, width: number],
): string | null {
  if (batchSize > 1) return null;
  const shape = { batchSize, imageSize, objectsPerImage: 1 };
  try {
    buildTraining(new Network(new Graph(), true), architectureNamed(name), shape, options, null);
    return null;
  } catch (error) {
    if (error instanceof UntrainableError) return error.message;
    throw error;
  }
}

/** `[height, width]` that the network computes at; 0 where its resizing leaves nothing of a side. */
export function computedImageSize(
  name: string,
  options: NetworkOptions,
  imageSize: readonly [height: number, width: number],
): readonly [height: number, width: number] {
  return architectureNamed(name).computedImageSize(imageSize, options);
}

/** Every parameter and buffer, in the order of the state dictionary. @throws UnknownArchitectureError */
export function networkTensors(name: string, options: NetworkOptions): readonly NetworkTensor[] {
  const { state } = evaluationGraph(name, options, 1, ANY_IMAGE_SIZE);
  return state.map(({ name: tensor, shape, kind, trains }) => ({ name: tensor, shape, kind, trains }));
}

function evaluationGraph(
  name: string,
  options: NetworkOptions,
  batchSize: number,
  imageSize: readonly [number, number],
): Network {
  const net = new Network(new Graph(), false);
  const images = net.g.input('images', 'float32', [batchSize, 3, ...imageSize]);
  architectureNamed(name).infer(net, images, options, null);
  return net;
}

function elementsOf(tensors: readonly NetworkTensor[]): number {
  return tensors.reduce((sum, { shape }) => sum + elementCount(shape), 0);
}
