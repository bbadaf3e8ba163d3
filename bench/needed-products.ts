import { nodeMultiplyAccumulates } from '../src/engine/graph/costs.js';
import type { Graph } from '../src/engine/graph/graph.js';
import type { GraphNode } from '../src/engine/graph/node.js';
import type { ConvAttributes, OperatorName } from '../src/engine/graph/operators.js';
import { staticShape } from '../src/engine/graph/tensor.js';

type Size = readonly [height: number, width: number];

/** Pasting is no layer: PyTorch interpolates there, and this engine multiplies with matrices that are mostly 0. */
const NO_LAYER = 'mask_paste';

/**
 * Multiply-accumulates that a node cannot do without: those of convolutions without the taps that see only padding, which
 * published figures count too. Of a kernel dilated by 36 over a map of 28x28 they are one in nine.
 *
 * @throws DynamicShapeError as multiplyAccumulates
 */
export function neededProducts(node: GraphNode): number {
  if (node.scope.split('.').includes(NO_LAYER)) return 0;
  return nodeMultiplyAccumulates(node) * insideShare(node);
}

/** Those of the forward and the backward pass. */
export function allNeededProducts({ nodes }: Graph): number {
  return nodes.reduce((sum, node) => sum + (node.phase === 'optimizer' ? 0 : neededProducts(node)), 0);
}

/** Share of a convolution's taps, over all positions, that lie inside the map; 1 of any other node. */
function insideShare(node: GraphNode): number {
  if (isA(node, 'Conv')) return share(sizeOf(node, 0), sizeOf(node, 1), node.attributes);
  if (isA(node, 'ConvInputGradient')) return share(node.attributes.inputSize, sizeOf(node, 1), node.attributes);
  if (isA(node, 'ConvWeightGradient')) return share(sizeOf(node, 0), node.attributes.kernelSize, node.attributes);
  return 1;
}

function isA<K extends OperatorName>(node: GraphNode, operator: K): node is GraphNode<K> {
  return node.operator === operator;
}

function sizeOf({ inputs }: GraphNode, operand: number): Size {
  const [, , height = 1, width = 1] = staticShape('an operand of a convolution', inputs[operand]?.shape ?? []);
  return [height, width];
}

function share(input: Size, kernel: Size, { strides, pads, dilations }: ConvAttributes): number {
  const along = (axis: 0 | 1, before: number, after: number): number =>
    shareAlong(input[axis], kernel[axis], { stride: strides[axis], dilation: dilations[axis], before, after });
  return along(0, pads[0], pads[2]) * along(1, pads[1], pads[3]);
}

interface Window {
  readonly stride: number;
  readonly dilation: number;
  readonly before: number;
  readonly after: number;
}

function shareAlong(input: number, kernel: number, { stride, dilation, before, after }: Window): number {
  const positions = Math.floor((input + before + after - dilation * (kernel - 1) - 1) / stride) + 1;
  let inside = 0;
  for (let tap = 0; tap < kernel; tap++) {
    for (let position = 0; position < positions; position++) {
      const place = position * stride + tap * dilation - before;
      if (place >= 0 && place < input) inside++;
    }
  }
  return inside / (positions * kernel);
}
