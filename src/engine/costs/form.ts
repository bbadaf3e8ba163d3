import type { GraphNode, Value } from '../graph/node.js';
import type { OperatorName } from '../graph/operators.js';
import { isStatic } from '../graph/tensor.js';

/** Attributes that change with the size of images. */
const OF_SIZE: ReadonlySet<string> = new Set(['outputSize', 'inputSize', 'mapSizes', 'kernelSize', 'spatialScales']);

/** Which values are the network's own, and so of the same sizes whatever it is given. Constants need not be. */
export interface Parameters {
  has(value: Value): boolean;
  /** Whether it has the shape of one, as its gradient has. */
  hasLike(value: Value): boolean;
}

type Sizes = (node: GraphNode, parameters: Parameters) => readonly number[];

const ofWeights: Sizes = ({ inputs }) => sizes(inputs[1]);
/** Of gradients of weights the result has their sizes; of products of other values the sizes say nothing that stays. */
const ofProduct: Sizes = ({ inputs, outputs }, parameters) =>
  sizes(
    inputs.find((input) => input !== null && parameters.has(input)) ??
      outputs.find((output) => parameters.hasLike(output)),
  ).slice(-2);
const ofChannels: Sizes = ({ inputs }) => sizes(inputs[0]).slice(1, 2);

/** What says most of an operator; of those that are not listed, nothing but their attributes does. */
const SIZES: Partial<Record<OperatorName, Sizes>> = {
  AveragePool: ofChannels,
  BatchNormalizationGradient: ofChannels,
  BatchNormalizationTraining: ofChannels,
  Conv: ofWeights,
  ConvInputGradient: ofWeights,
  ConvTranspose: ofWeights,
  ConvWeightGradient: ({ outputs }) => sizes(outputs[0]),
  FusedMatMul: ofProduct,
  Gemm: ofProduct,
  GroupNormalization: ofChannels,
  GroupNormalizationGradient: ofChannels,
  InterpolateBilinear: ofChannels,
  InterpolateBilinearGradient: ofChannels,
  MatMul: ofProduct,
  MaxPool: ofChannels,
  MaxPoolGradient: ofChannels,
  MaxPoolWithIndices: ofChannels,
  MultiScaleRoiAlign: ({ inputs }) => sizes(inputs[3]).slice(1, 2),
  RoiAlignGradient: ofChannels,
  UpsampleNearest: ofChannels,
  UpsampleNearestGradient: ofChannels,
};

/**
 * What of a node stays when the batch or the images grow: sizes of its weights or channels, then the numbers among its
 * attributes (strides, pads, dilations, groups, axes) in their alphabetical order, without bounds that bound nothing. Two nodes of the same operator and form
 * differ only in how much they are given to do.
 */
export function formOf(node: GraphNode, parameters: Parameters): readonly number[] {
  const ofSizes = SIZES[node.operator]?.(node, parameters);
  const ofAttributes = numbersOf(node);
  return ofSizes ? [...ofSizes, ...ofAttributes] : ofAttributes;
}

function sizes(value: Value | null | undefined): readonly number[] {
  return value && isStatic(value.shape) ? value.shape : [];
}

function numbersOf({ attributes }: GraphNode): readonly number[] {
  const numbers: number[] = [];
  const names = Object.keys(attributes);
  for (const name of names.length > 1 ? names.sort() : names) {
    if (name.startsWith('$') || OF_SIZE.has(name)) continue;
    const value: unknown = attributes[name as keyof typeof attributes];
    for (const one of Array.isArray(value) ? (value as readonly unknown[]) : [value]) {
      if (typeof one === 'number' && Number.isFinite(one)) numbers.push(one);
    }
  }
  return numbers;
}
