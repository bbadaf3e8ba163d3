import type { GraphNode, Value } from '../graph/node.js';
import type { OperatorName } from '../graph/operators.js';
import { isStatic } from '../graph/tensor.js';

/** Attributes that change with the size of images. */
const OF_SIZE: ReadonlySet<string> = new Set(['outputSize', 'inputSize', 'mapSizes', 'kernelSize', 'spatialScales']);

/** Place of the operand whose channels say most of an operator that has no weights. */
const CHANNELS_OF: { readonly [K in OperatorName]?: number } = {
  AveragePool: 0,
  BatchNormalizationGradient: 0,
  BatchNormalizationTraining: 0,
  GroupNormalization: 0,
  GroupNormalizationGradient: 0,
  InterpolateBilinear: 0,
  InterpolateBilinearGradient: 0,
  MaxPool: 0,
  MaxPoolGradient: 0,
  MaxPoolWithIndices: 0,
  MultiScaleRoiAlign: 3,
  RoiAlignGradient: 0,
  UpsampleNearest: 0,
  UpsampleNearestGradient: 0,
};

/**
 * What of a node stays when the batch or the images grow: sizes of its weights or channels, then the numbers among its
 * attributes (strides, pads, dilations, groups, axes) in their alphabetical order, without bounds that bound nothing. Two nodes of the same operator and form
 * differ only in how much they are given to do.
 */
export function formOf(node: GraphNode, isWeight: (value: Value) => boolean): readonly number[] {
  return [...sizesOf(node, isWeight), ...numbersOf(node)];
}

function sizesOf({ operator, inputs, outputs }: GraphNode, isWeight: (value: Value) => boolean): readonly number[] {
  switch (operator) {
    case 'Conv':
    case 'ConvInputGradient':
    case 'ConvTranspose':
      return sizes(inputs[1]);
    case 'ConvWeightGradient':
      return sizes(outputs[0]);
    case 'FusedMatMul':
    case 'Gemm':
    case 'MatMul': {
      // Of products without weights, as gradients of weights are, the result has their sizes.
      const weight = inputs.find((input) => input && isWeight(input)) ?? outputs[0];
      return sizes(weight).slice(-2);
    }
    default: {
      const place = CHANNELS_OF[operator];
      return place === undefined ? [] : sizes(inputs[place]).slice(1, 2);
    }
  }
}

function sizes(value: Value | null | undefined): readonly number[] {
  return value && isStatic(value.shape) ? value.shape : [];
}

function numbersOf({ attributes }: GraphNode): readonly number[] {
  const all: readonly (readonly [string, unknown])[] = Object.entries(attributes);
  return all
    .filter(([name]) => !name.startsWith('$') && !OF_SIZE.has(name))
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .flatMap(([, value]) => (Array.isArray(value) ? (value as readonly unknown[]) : [value]))
    .filter((value): value is number => Number.isFinite(value));
}
