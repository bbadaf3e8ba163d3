import { Graph } from '../../../src/engine/graph/graph.js';
import type { GraphNode } from '../../../src/engine/graph/node.js';
import type { ConvAttributes } from '../../../src/engine/graph/operators.js';
import { conv } from '../../../src/engine/graph/ops.js';
import { at, elementCount, staticShape } from '../../../src/engine/graph/tensor.js';
import { lower } from '../../../src/engine/lowering/lower.js';
import { Network } from '../../../src/engine/nn/network.js';
import { architectureNamed, architectures } from '../../../src/engine/zoo/catalogue.js';
import type { NetworkOptions } from '../../../src/engine/zoo/description.js';
import { buildTraining } from '../../../src/engine/zoo/training-inputs.js';
import type { GradientCase } from './gradient-case.js';
import { linear, operand } from './gradient-case.js';
import { buildCase, everyOperand } from './numerical-check.js';

const BATCH = 2;
/** Blocks of channels that machines have; none on some. */
const CHANNEL_BLOCKS = [null, 8, 16] as const;
/** Multiply-accumulates above which a convolution is tried with fewer channels. */
const MANY_PRODUCTS = 5e7;
/** Fewer than a block's are computed by other kernels of the runtime. */
const FEWEST_CHANNELS = 16;
/** Sizes of maps, in positions, are told apart by powers of it: the runtime's own kernels go by size as well. */
const SIZE_STEP = 16;

type Sizes4 = readonly [number, number, number, number];

export interface NetworkConvolution {
  /** The networks that have it, in the catalogue's order. */
  readonly networks: readonly string[];
  /** Images, channels, height, width. */
  readonly input: Sizes4;
  /** Output channels, input channels a group, height, width. */
  readonly kernel: Sizes4;
  readonly hasBias: boolean;
  readonly attributes: ConvAttributes;
}

/** A convolution, for all of those that are computed in the same way. */
export interface WayOfComputing {
  /** The one to be tried. */
  readonly tried: NetworkConvolution;
  /** How many different ones it stands for. */
  readonly convolutions: number;
}

/**
 * The ways in which the convolutions of the catalogue are computed, each with one convolution to try.
 *
 * The convolutions are those of a training step of every architecture in each variant, on two images of its default size,
 * with every classifier that it can have. Two of them are computed in the same way where all of this is the same: kernel,
 * strides, dilations, pads, whether there is a bias, whether each channel is a group; the operators that the forward pass
 * and both gradients are lowered to, with their strides, pads and dilations, for each layout that a machine may have;
 * whether there are more images than the batch's, as where each region is one; and the number of positions, by powers of
 * 16. Of each way the convolution with the fewest products is tried, at its own positions. Where those are still many, its
 * input and output channels are halved, down to 16, for as long as the way of computing stays what it is.
 */
export function waysOfComputing(): readonly WayOfComputing[] {
  const ways = new Map<string, NetworkConvolution[]>();
  for (const convolution of distinctConvolutions()) {
    const way = wayOf(convolution);
    ways.set(way, [...(ways.get(way) ?? []), convolution]);
  }
  return [...ways].map(([way, members]) => {
    const cheapest = members.reduce((best, other) => (productsOf(other) < productsOf(best) ? other : best));
    return { tried: withFewerChannels(cheapest, way), convolutions: members.length };
  });
}

export function caseOf({ networks, input, kernel, hasBias, attributes }: NetworkConvolution): GradientCase {
  const { strides, pads, dilations, group } = attributes;
  const text =
    `${networks.join(', ')}: ${input.join('x')} by ${kernel.join('x')}, strides ${strides.join('x')}, ` +
    `pads ${pads.join(' ')}, dilations ${dilations.join('x')}, ${group} groups${hasBias ? ', bias' : ''}`;
  const operands = [operand(input), operand(kernel), ...(hasBias ? [operand([kernel[0]])] : [])];
  return linear('Conv', text, operands, (g, x, weight, bias) => conv(g, x, weight, hasBias ? bias : null, attributes));
}

/** Every architecture in each of its variants, with every classifier that it can have. */
function networks(): readonly (readonly [name: string, NetworkOptions, imageSize: readonly [number, number]])[] {
  return [...architectures.values()].flatMap(({ name, variants, defaults, defaultImageSize }) =>
    variants.map((weightsBackbone) => {
      const auxLoss = defaults.auxLoss === null ? null : true;
      return [name, { ...defaults, weightsBackbone, auxLoss }, defaultImageSize] as const;
    }),
  );
}

/** Each different convolution of the catalogue, with the networks that have it. */
function distinctConvolutions(): readonly NetworkConvolution[] {
  const found = new Map<string, NetworkConvolution>();
  for (const [name, options, imageSize] of networks()) {
    for (const convolution of convolutionsOf(name, options, imageSize)) {
      const key = JSON.stringify(convolution);
      const { networks } = found.get(key) ?? { networks: [] };
      found.set(key, { ...convolution, networks: [...new Set([...networks, name])] });
    }
  }
  return [...found.values()];
}

function convolutionsOf(
  name: string,
  options: NetworkOptions,
  imageSize: readonly [number, number],
): readonly NetworkConvolution[] {
  const graph = new Graph();
  const shape = { batchSize: BATCH, imageSize, objectsPerImage: 3 };
  buildTraining(new Network(graph, true), architectureNamed(name), shape, options, null);
  return graph.nodes
    .filter((node): node is GraphNode<'Conv'> => node.operator === 'Conv')
    .map(({ inputs: [x, weight, bias], attributes }) => {
      const [input, kernel] = [x, weight].map((value): Sizes4 => {
        const sizes = staticShape('an operand', value?.shape ?? []);
        return [at(sizes, 0), at(sizes, 1), at(sizes, 2), at(sizes, 3)];
      });
      if (!input || !kernel) throw new Error('a convolution has an input and a weight');
      return { networks: [], input, kernel, hasBias: Boolean(bias), attributes };
    });
}

/** Equal texts for convolutions that are computed in the same way. */
function wayOf(convolution: NetworkConvolution): string {
  const { input, kernel, hasBias, attributes } = convolution;
  const [images, , height, width] = input;
  const { group, ...window } = attributes;
  const built = buildCase(caseOf(convolution), everyOperand(caseOf(convolution)));
  const wanted = [built.output, ...built.gradients.values()];
  const steps = CHANNEL_BLOCKS.map((channelBlock) =>
    lower(built.graph, wanted, { constantWeights: false, channelBlock }).graph.nodes.map(
      ({ operator, attributes }) => operator + JSON.stringify(attributes, ['strides', 'pads', 'dilations']),
    ),
  );
  return JSON.stringify({
    kernel: kernel.slice(2),
    window,
    isDepthwise: group > 1,
    hasBias,
    hasManyImages: images > BATCH,
    size: Math.floor(Math.log(height * width) / Math.log(SIZE_STEP)),
    steps,
  });
}

/** Multiply-accumulates of the forward pass. */
export function productsOf({ input, kernel, hasBias, attributes }: NetworkConvolution): number {
  const g = new Graph();
  const [x, weight] = [g.input('x', 'float32', input), g.input('weight', 'float32', kernel)];
  const bias = hasBias ? g.input('bias', 'float32', [kernel[0]]) : null;
  const y = conv(g, x, weight, bias, attributes);
  return elementCount(staticShape(y.name, y.shape)) * elementCount(kernel.slice(1));
}

function withFewerChannels(convolution: NetworkConvolution, way: string): NetworkConvolution {
  if (productsOf(convolution) <= MANY_PRODUCTS) return convolution;
  const smaller = halvedChannels(convolution).find((candidate) => wayOf(candidate) === way);
  return smaller ? withFewerChannels(smaller, way) : convolution;
}

/** With half the input channels, and with half the output channels, those that are more first; of a depthwise one both at once. */
function halvedChannels(convolution: NetworkConvolution): readonly NetworkConvolution[] {
  const { input, kernel, attributes } = convolution;
  const [images, inChannels, height, width] = input;
  const [outChannels, inPerGroup, ...taps] = kernel;
  const canHalve = (channels: number): boolean => channels % 2 === 0 && channels / 2 >= FEWEST_CHANNELS;
  if (attributes.group > 1) {
    if (!canHalve(inChannels) || attributes.group !== inChannels || outChannels !== inChannels) return [];
    const half = inChannels / 2;
    return [
      {
        ...convolution,
        input: [images, half, height, width],
        kernel: [half, 1, ...taps],
        attributes: { ...attributes, group: half },
      },
    ];
  }
  const fewerInputs: readonly NetworkConvolution[] = canHalve(inChannels)
    ? [
        {
          ...convolution,
          input: [images, inChannels / 2, height, width],
          kernel: [outChannels, inPerGroup / 2, ...taps],
        },
      ]
    : [];
  const fewerOutputs: readonly NetworkConvolution[] = canHalve(outChannels)
    ? [{ ...convolution, kernel: [outChannels / 2, inPerGroup, ...taps] }]
    : [];
  return inChannels >= outChannels ? [...fewerInputs, ...fewerOutputs] : [...fewerOutputs, ...fewerInputs];
}
